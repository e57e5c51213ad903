"""A rate limit on the command line."""

from typing import Any

import click

from pgassay.reference import RateLimit


class RatePerWindow(click.ParamType):
    """A number of requests and the seconds of their window, such as `10/10`."""

    name = "rate"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> RateLimit:
        """Return the rate; a usage error where the text is none."""
        requests, _, seconds = str(value).partition("/")
        try:
            return RateLimit(int(requests), float(seconds))
        except ValueError:
            self.fail(f"{value!r} is not N/SECONDS, such as 10/10.", param, ctx)
