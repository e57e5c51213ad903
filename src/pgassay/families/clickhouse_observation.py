"""What a service lets others see of itself: certificates, metrics, slow queries, Prometheus.

Part of the vocabulary of the clickhouse family; paths and parameters follow operations 6, 10 and
18 to 21 of the ClickHouse Cloud OpenAPI document.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from pgassay.exchange import Exchange, Json
from pgassay.families.exposition import Exposition, expose
from pgassay.target.model import Timing
from pgassay.waiting import Waited, wait_until


class _Speaker(Protocol):
    """What these operations need of the vocabulary that they are part of."""

    timing: Timing

    def send(
        self,
        method: str,
        path: str,
        body: Json = ...,
        *,
        credential: str = "",
        query: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send a request."""

    def path(self, service: str, *parts: str) -> str:
        """Return the path of something below a service."""

    def services_path(self, organization: str = "") -> str:
        """Return the collection of services."""

    def prometheus(self, service: str = "") -> Exchange:
        """Scrape a service, or the organization."""


class Observation:
    """The operations that watch a service and change nothing."""

    def certificates(self: _Speaker, service: str) -> Exchange:
        """Operation postgresServiceCertsGet."""
        return self.send("GET", self.path(service, "caCertificates"))

    def metrics(self: _Speaker, service: str, query: Mapping[str, str]) -> Exchange:
        """Operation postgresInstanceMetricsGet."""
        return self.send("GET", self.path(service, "metrics"), query=query)

    def slow_queries(self: _Speaker, service: str, query: Mapping[str, str]) -> Exchange:
        """Operation slowQueryPatternsGetList."""
        return self.send("GET", self.path(service, "slowQueryPatterns"), query=query)

    def slow_query(
        self: _Speaker, service: str, query_id: str, query: Mapping[str, str]
    ) -> Exchange:
        """Operation slowQueryPatternGet; `query_id` goes into the path as it is, sign included."""
        return self.send("GET", self.path(service, "slowQueryPatterns", query_id), query=query)

    def prometheus(self: _Speaker, service: str = "") -> Exchange:
        """Operation postgresInstancePrometheusGet; without `service` postgresOrgPrometheusGet."""
        path = self.path(service, "prometheus") if service else f"{self.services_path()}/prometheus"
        return self.send("GET", path)

    def wait_metrics(
        self: _Speaker, service: str, reached: Callable[[Exposition], bool]
    ) -> Waited[Exposition]:
        """Scrape a service, or the organization, until `reached` holds.

        The collector refreshes about once a minute, hence twice the budget of a configuration.
        """
        return wait_until(
            lambda: expose(self.prometheus(service)),
            reached,
            budget=2 * self.timing.config,
            poll=self.timing.poll,
        )
