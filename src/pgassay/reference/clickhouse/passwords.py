"""The superuser's password: set as the caller wants it, or generated."""

from typing import Any

from msgspec import UNSET

from pgassay.reference.clickhouse.models import PasswordRequest, convert
from pgassay.reference.clickhouse.replicas import Replicas
from pgassay.reference.http import bad_request
from pgassay.reference.plane import Action
from pgassay.reference.store import Document


class Passwords(Replicas):
    """The operation on `/password` (OpenAPI: postgresServiceSetPassword)."""

    def set_password(self, document: Document, body: Any) -> Document:
        """Set another password and return the answer, which holds it if it was generated.

        ApiError 400 when the password breaks a rule, for a replica, and unless the service is
        running; 409 when it is being deleted.
        """
        request = convert(body, PasswordRequest)
        if request.password is not UNSET:
            self.check_password(request.password)
        self.check_not_deleting(document)
        if not document["isPrimary"]:
            raise bad_request("Superuser password cannot be updated for read replicas!")
        self.check_ready(document)
        generated = request.password is UNSET
        password = self.generate_password() if request.password is UNSET else request.password
        self.replace_password(document, password)
        return {"password": password} if generated else {}

    def check_password(self, password: str) -> None:
        """ApiError 400 when a password breaks its rule."""
        if problem := self.rules.password.problem(password):
            raise bad_request(f"request body.password: {problem}")

    def replace_password(self, document: Document, password: str) -> None:
        """Keep a password; replicas hold the users of their primary, so they follow."""
        replicas = self.replicas(document)
        document["password"] = password
        self.begin(document, 0, {}, Action.SET_PASSWORD, password=password)
        with self.store.transaction():
            self.save(document)
            for replica in replicas:
                self.save({**replica, "password": password})
