"""One connection to a server: bytes leave as they are given, and answers are read as they came.

Whoever tests how HTTP/1.1 is spoken (RFC 9112) cannot use a client that speaks it well: this one
also speaks badly on purpose. Only `pgassay.client.Client.converse` opens a wire.
"""

from pgassay.wire.connection import Wire
from pgassay.wire.message import Form, Message, Plain, Step, plain
from pgassay.wire.reply import CLOSED, HUNG_UP, Conversation, Reply

__all__ = [
    "CLOSED",
    "HUNG_UP",
    "Conversation",
    "Form",
    "Message",
    "Plain",
    "Reply",
    "Step",
    "Wire",
    "plain",
]
