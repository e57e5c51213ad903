"""SCRAM-SHA-256 verifiers, as PostgreSQL keeps them."""

import base64
import hashlib
import hmac

from pgassay.reference.dbaas.scram import verifier

SALT = "W22ZaJ0SNY7soEsUEjb6gQ=="
NONCE = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
CLIENT_PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
SERVER_SIGNATURE = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def test_the_verifier_carries_the_exchange_of_rfc_7677() -> None:
    """The example of section 3, password `pencil`: its proof verifies, its signature follows."""
    iterations, salt, stored, server = (
        verifier("pencil", base64.b64decode(SALT)).replace("$", ":").split(":")[1:]
    )
    first = f"n=user,r=rOprNGfwEbeRWgbNEkqO,r={NONCE},s={salt},i={iterations}"
    message = f"{first},c=biws,r={NONCE}".encode()
    stored_key = base64.b64decode(stored)

    signature = hmac.digest(stored_key, message, "sha256")
    proof = base64.b64decode(CLIENT_PROOF)
    client_key = bytes(left ^ right for left, right in zip(proof, signature, strict=True))
    server_signature = hmac.digest(base64.b64decode(server), message, "sha256")

    assert hashlib.sha256(client_key).digest() == stored_key
    assert base64.b64encode(server_signature).decode() == SERVER_SIGNATURE


def test_each_verifier_has_its_own_salt() -> None:
    """Equal passwords do not show as equal."""
    assert verifier("correct horse") != verifier("correct horse")
