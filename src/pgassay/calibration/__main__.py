"""`python -m pgassay.calibration`: the server of known truth, as a process of its own.

The first line that it prints is its URL; it ends when its standard input does.
"""

import argparse
import sys
from collections.abc import Mapping

from pgassay.calibration import server
from pgassay.calibration.choice import LAWS, read
from pgassay.calibration.faults import FAULTS
from pgassay.calibration.service import Service
from pgassay.errors import PgassayError


def main(arguments: list[str]) -> int:
    """Serve as `arguments` say."""
    options = _parser().parse_args(arguments)
    try:
        service = Service(
            [read(text, "--law", LAWS) for text in options.law],
            [read(text, "--fault", FAULTS) for text in options.fault],
            options.seed,
            options.active,
            options.updating,
        )
    except PgassayError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    server.run(service, options.host, options.port, _announce)
    return 0


def _announce(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pgassay.calibration",
        description="A server of known truth; it ends when its standard input does.",
        epilog=f"Laws: {_keys(LAWS)}. Faults: {_keys(FAULTS)}. Times are in seconds.",
    )
    scope = "[OPERATION=]NAME[:KEY=VALUE,...]"
    parser.add_argument("--law", action="append", default=[], metavar=scope)
    parser.add_argument("--fault", action="append", default=[], metavar=scope)
    parser.add_argument("--active", type=float, default=0.0, help="Seconds from NEW to ACTIVE.")
    parser.add_argument("--updating", type=float, default=0.0, help="Seconds that scaling takes.")
    parser.add_argument("--seed", default="1", help="Where all that is random comes from.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one.")
    return parser


def _keys(known: Mapping[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{name}({', '.join(keys)})" for name, keys in known.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
