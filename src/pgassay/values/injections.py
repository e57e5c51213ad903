"""Texts that are data to a server and commands to something that it may hand them to.

None of them would do harm where it is carried out: they compute, compare, or name what does not
exist. Source of the danger: RFC 9110, section 17.4.
"""

from collections.abc import Mapping
from typing import Final

#: By what would take them for more than text.
TEXTS: Final[Mapping[str, str]] = {
    "sql-quote": "it's \"quoted\" and ''doubled''",
    "sql-condition": "x' OR '1'='1' -- ",
    "sql-statement": "x'; SELECT pg_sleep(0); --",
    "sql-dollar-quote": "$$x$$ $tag$x$tag$",
    "sql-pattern": "100%_\\%",
    "shell": "$(id) `id` ; id | id && id",
    "shell-variable": "$HOME ${PATH} %PATH% ~",
    "template-braces": "{{7*7}} {%raw%} ${7*7} #{7*7} <%= 7*7 %>",
    "template-object": "{{config}} {0.__class__} {}",
    "format": "%s %d %n %x %(name)s {0} {name}",
    "path": "../../etc/passwd ..\\..\\boot.ini /dev/null",
    "encoded": "%2e%2e%2f %27 &#39; \\u0027 \\x27 + =",
    "html": "<b>bold</b> <script>alert(1)</script> <!-- -->",
    "html-entity": "&amp;lt; &lt;b&gt; &quot; & <",
    "xml": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "ldap": "*)(uid=*))(|(uid=*",
    "json": '", "admin": true, "x": "\\',
    "yaml": "!!python/object/apply:os.getcwd [] &a [*a, *a] --- x: y",
    "spreadsheet": "=1+1 @SUM(1,1) -1 +1",
    "lookup": "${jndi:dns://pgassay.invalid/x} ${env:HOME}",
    "expression": "^(a+)+$ .* [a-z]{1,9999}",
    "prototype": "__proto__ constructor.prototype.admin",
    "graph": "' } ) MATCH (n) RETURN n //",
    "nosql": '{"$gt": ""} {"$where": "1"}',
    "mail": "x@pgassay.invalid%0aBcc: y@pgassay.invalid",
}
#: Those that the quick profile tries.
NEAR: Final = frozenset({"sql-quote", "html-entity", "format"})

#: Members that change what all objects of some languages have, where they are copied into them.
POLLUTION: Final[Mapping[str, object]] = {
    "__proto__": {"admin": True, "description": "polluted"},
    "constructor": {"prototype": {"admin": True, "description": "polluted"}},
    "__class__": {"__init__": {"__globals__": {}}},
}
#: The members that other objects have gained where one of these has had its effect.
POLLUTED: Final = frozenset({"admin", "description"})
