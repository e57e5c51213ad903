"""Markers of a journal become secrets again, equal ones where they were equal."""

from pgassay.falsification.disclosure import Disclosure

ONE, OTHER = "<Secret-0123456789abc>", "<Secret-0abcdefabcdef>"


def test_a_secret_that_was_sent_stands_in_the_answers_again() -> None:
    disclosure = Disclosure()
    assert disclosure.matches(f'{{"password": "{ONE}"}}', '{"password":"Abc123"}')
    assert disclosure.reveal(f'{{"a": "{ONE}"}}', in_json=True) == '{"a": "Abc123"}'


def test_another_request_teaches_nothing() -> None:
    disclosure = Disclosure()
    assert not disclosure.matches(f'{{"password": "{ONE}"}}', '{"secret": "Abc123"}')
    assert "Abc123" not in disclosure.reveal(ONE, in_json=False)


def test_secrets_of_the_server_are_invented_once_each() -> None:
    revealed = Disclosure().reveal(f"{ONE} {ONE} {OTHER}", in_json=False).split()
    assert revealed[0] == revealed[1] != revealed[2]


def test_a_secret_is_escaped_where_it_stands() -> None:
    disclosure = Disclosure()
    disclosure.matches(ONE, 'a"b/c')
    assert disclosure.reveal(f'"{ONE}"', in_json=True) == '"a\\"b/c"'
    assert (
        disclosure.reveal(f"postgres://u:{ONE}@host", in_json=True) == "postgres://u:a%22b%2Fc@host"
    )


def test_a_header_is_a_secret_as_a_whole() -> None:
    disclosure = Disclosure()
    disclosure.learn({"Authorization": ONE, "Accept": "*/*"}, {"Authorization": "Bearer x"})
    assert disclosure.reveal(ONE, in_json=False) == "Bearer x"
