"""SCRAM-SHA-256 verifiers in the form that PostgreSQL keeps in pg_authid (RFC 5802, 5803, 7677)."""

import base64
import hashlib
import hmac
import secrets

from pgassay.reference.dbaas.saslprep import saslprep

ITERATIONS = 4096
SALT_BYTES = 16


def verifier(password: str, salt: bytes | None = None, iterations: int = ITERATIONS) -> str:
    """Return `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` for `password`."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    prepared = saslprep(password).encode()
    salted = hashlib.pbkdf2_hmac("sha256", prepared, salt, iterations)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    keys = f"{_text(stored_key)}:{_text(server_key)}"
    return f"SCRAM-SHA-256${iterations}:{_text(salt)}${keys}"


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
