"""Locust's web page beside a load, for looking only.

It listens on the loopback interface, shows what the recorder measured (latency from the intended
time), and refuses whatever would start, stop or change the load.
"""

import json
import logging
from typing import Any, Final

import gevent
from flask import Response, abort, request
from locust import stats
from locust.env import Environment
from locust.runners import STATE_RUNNING
from locust.web import WebUI

HOST: Final = "127.0.0.1"
#: What a page that only shows needs; anything else is refused.
_SHOWN: Final = frozenset(
    {
        "/",
        "/exceptions",
        "/exceptions/csv",
        "/logs",
        "/stats/failures/csv",
        "/stats/report",
        "/stats/requests",
        "/stats/requests/csv",
        "/tasks",
    }
)
_READING: Final = frozenset({"GET", "HEAD"})
#: The buttons that start, stop and reset a load are refused, and so not offered either.
_STYLE: Final = "<style>.MuiAppBar-root .MuiButton-contained { display: none }</style>"


class Page(WebUI):
    """The page of one load process."""

    def __init__(self, environment: Environment, port: int) -> None:
        """Open it; the port was seen to be free."""
        # Without a handler of its own Flask would log to the stream that logs to it.
        logging.getLogger(WebUI.__module__).addHandler(logging.StreamHandler())
        super().__init__(environment, HOST, port, delayed_start=True)
        assert self.app is not None  # noqa: S101  # set by WebUI's constructor
        # Locust's own debugging aid would show internals, and lets every site read the page.
        self.app.debug = False
        self.app.before_request(self._guard)
        # The first one is called last, after the one that lets every site read the page.
        self.app.after_request_funcs.setdefault(None, []).insert(0, _as_shown)
        self.start()  # type: ignore[no-untyped-call]
        gevent.spawn(stats.stats_history, environment.runner)

    def update_template_args(self) -> None:
        """Show figures at once: the page would offer a form to start a load otherwise."""
        super().update_template_args()  # type: ignore[no-untyped-call]
        self.template_args["state"] = STATE_RUNNING

    def _guard(self) -> None:
        """Refuse what changes anything, and what a foreign site asks for under another name."""
        known = request.path in _SHOWN or request.path.startswith("/assets/")
        if request.method not in _READING or not known:
            abort(403, "This page only shows the load; pgassay alone starts and stops it.")
        if request.host not in (f"{HOST}:{self.port}", f"localhost:{self.port}"):
            abort(403, f"Open http://{HOST}:{self.port}/ instead.")


def open_page(environment: Environment, port: int) -> None:
    """Open the page at `port`; it shows the figures that `pgassay.traffic.tally` keeps."""
    Page(environment, port)
    # Only what the recorder measures is shown: Locust's own clock starts when a request is sent.
    for listener in tuple(environment.events.request._handlers):  # noqa: SLF001  # not listed elsewhere
        environment.events.request.remove_listener(listener)  # type: ignore[no-untyped-call]


def _as_shown(response: Response) -> Any:
    """Let no other site read the page, and the page show figures whatever Locust's runner does."""
    for name, _ in list(response.headers):
        if name.startswith("Access-Control-"):
            del response.headers[name]
    if request.path == "/" and response.mimetype == "text/html":
        response.set_data(response.get_data(as_text=True).replace("</head>", f"{_STYLE}</head>", 1))
    if request.path == "/stats/requests" and response.is_json:
        figures = response.get_json()
        response.set_data(json.dumps(figures | {"state": STATE_RUNNING}))
    return response
