"""The embedded reference: a server of both API families, independent of the checking side.

credentials = Credentials.generate()
app = create_app(Settings(credentials), SystemClock())
with running(app) as url:
    ...
"""

from pgassay.reference.app import create_app
from pgassay.reference.behaviour import Behaviour
from pgassay.reference.clickhouse import SEED, Seed
from pgassay.reference.clock import Clock, ManualClock, SystemClock
from pgassay.reference.readings import Readings
from pgassay.reference.server import running, serve
from pgassay.reference.settings import (
    ApiKey,
    BearerToken,
    Credentials,
    RateLimit,
    Settings,
)

__all__ = [
    "SEED",
    "ApiKey",
    "BearerToken",
    "Behaviour",
    "Clock",
    "Credentials",
    "ManualClock",
    "RateLimit",
    "Readings",
    "Seed",
    "Settings",
    "SystemClock",
    "create_app",
    "running",
    "serve",
]
