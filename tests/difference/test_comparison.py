"""Operations, parameters, media types, answers and headers are compared, whatever their names."""

from typing import Any

from pgassay.difference import Difference, Document, compare

from .conftest import document

OK = {"200": {"description": "done"}}


def keys(ours: Document, theirs: Document) -> list[str]:
    return [f"{each.kind}: {each.key}" for each in compare(ours, theirs)]


def with_parameter(path: str = "/things", **parameter: Any) -> Document:
    return document({"parameters": [parameter]}, path)


def test_operations_of_one_side_are_listed() -> None:
    ours = Document("ours", {"paths": {"/a": {"get": {}}, "/b": {"get": {}}}})
    theirs = Document("theirs", {"paths": {"/b/": {"get": {}, "put": {}}}})
    assert keys(ours, theirs) == ["only in ours: GET /a", "only in theirs: PUT /b"]


def test_the_names_of_path_parameters_do_not_matter() -> None:
    def described(path: str, name: str, form: str) -> Document:
        schema = {"type": "string", "format": form}
        return with_parameter(path, **{"in": "path", "name": name, "schema": schema})

    ours = described("/a/{x}/b/{id}", "id", "uuid")
    assert compare(ours, described("/a/{y}/b/{name}", "name", "uuid")) == ()
    (difference,) = compare(ours, described("/a/{y}/b/{name}", "name", "int"))
    assert difference == Difference("POST /a/{}/b/{} path.2 format", '"uuid"', '"int"')


def test_parameters_differ_in_presence_requiredness_and_limits() -> None:
    limit = {"in": "query", "name": "limit"}
    ours = with_parameter(**limit, required=True, schema={"maximum": 5})
    theirs = with_parameter(**limit, schema={"maximum": 6})
    assert keys(ours, theirs) == [
        "differs: POST /things query.limit maximum",
        "only in ours: POST /things query.limit required",
    ]
    assert keys(document({}), theirs) == ["only in theirs: POST /things query.limit"]


def test_a_parameter_of_the_path_counts_for_its_operations() -> None:
    shared = {"in": "query", "name": "q", "schema": {"type": "string"}}
    inherited = Document("ours", {"paths": {"/things": {"parameters": [shared], "post": {}}}})
    assert compare(inherited, document({"parameters": [shared]})) == ()


def test_names_of_header_fields_have_no_case() -> None:
    one, other = ({"in": "header", "name": name} for name in ("X-Key", "x-key"))
    assert compare(with_parameter(**one), with_parameter(**other)) == ()


def test_media_types_are_compared_without_parameters_and_case() -> None:
    def answering(media: str) -> Document:
        return document({"responses": {"200": {"content": {media: {"schema": {}}}}}})

    ours = answering("text/plain; charset=UTF-8")
    assert compare(ours, answering("Text/Plain")) == ()
    assert keys(ours, answering("application/json")) == [
        "only in theirs: POST /things 200(application/json)",
        "only in ours: POST /things 200(text/plain)",
    ]


def test_statuses_and_headers_of_answers_are_compared() -> None:
    headers: Any = {"Retry-After": {"schema": {}}}
    ours = document({"responses": {**OK, "429": {"headers": headers}}})
    theirs = document({"responses": {**OK, "404": {}, "429": {}}})
    assert keys(ours, theirs) == [
        "only in theirs: POST /things 404",
        "only in ours: POST /things 429 header retry-after",
    ]


def test_a_body_that_is_not_required_differs() -> None:
    ours = document({"requestBody": {"required": True}})
    assert keys(ours, document({"requestBody": {}})) == [
        "only in ours: POST /things request required"
    ]


def test_operations_that_were_not_chosen_are_left_out() -> None:
    ours = Document("ours", {"paths": {"/a": {"get": {"x": 1}}, "/b": {"get": {"x": 2}}}})
    nothing = Document("theirs", {"paths": {}})
    found = compare(ours, nothing, lambda operation: operation.definition["x"] == 1)
    assert [each.key for each in found] == ["GET /a"]
