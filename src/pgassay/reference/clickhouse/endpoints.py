"""What the paths of the clickhouse family share: who asks, for what, and how it is answered."""

import re

from starlette.requests import Request
from starlette.responses import Response

from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.http import (
    bad_request,
    basic_credentials,
    json_response,
    parse_json,
    read_body,
)
from pgassay.reference.settings import ApiKey
from pgassay.reference.store import Document

ROOT = "/v1/organizations"
ORGANIZATION = ROOT + "/{organization}"
SERVICES = ORGANIZATION + "/postgres"
SERVICE = SERVICES + "/{service}"
SCALING = ORGANIZATION + "/services/{service}/clickpipesCdcScaling"

MERGE_PATCH = ("application/json", "application/merge-patch+json")

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_NIL = "00000000-0000-0000-0000-000000000000"


class Endpoints:
    """Base of the classes that turn requests into calls of the service."""

    def __init__(self, service: ClickhouseService) -> None:
        self.service = service

    def key(self, request: Request) -> ApiKey:
        """Return the caller's key; ApiError 401."""
        return self.service.authenticate(basic_credentials(request))

    def organization(self, request: Request, *, change: bool = False) -> Document:
        """Return the organization of the path, if the caller may see it, or `change` it."""
        key = self.key(request)
        organization_id = self.id(request, "organization")
        organization = self.service.authorize_organization(key, organization_id)
        if change:
            self.service.authorize_change(key)
        return organization

    def find(self, request: Request, organization: Document) -> Document:
        """Return the service of the path; ApiError 404."""
        return self.service.find_service(organization, self.id(request, "service"))

    def id(self, request: Request, parameter: str) -> str:
        """Return an id of the path in lower case; ApiError 400 unless it is a UUID."""
        value: str = request.path_params[parameter].lower()
        if not _UUID.fullmatch(value):
            raise bad_request(f"Invalid {parameter} id: a UUID is expected")
        if value == _NIL and self.service.rules.nil_refused:
            raise bad_request(f'Invalid {parameter} id string:"{value}"')
        return value

    async def body(self, request: Request) -> bytes:
        """Read the body. Only before a document is read: others may act while this waits."""
        return await read_body(request, self.service.settings.body_limit)

    def json(self, request: Request, body: bytes, *, patch: bool = False) -> object:
        """Return the JSON value of a body; a `patch` may say that it is a merge patch."""
        return parse_json(request, body, MERGE_PATCH if patch else ("application/json",))

    def answer(self, result: object = None) -> Response:
        """Answer with a result in the envelope."""
        return json_response(200, self.service.envelope(result))
