# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in the metrics that the clickhouse family exposes to Prometheus."""

import re
from collections.abc import Sequence

from pgassay.mutants.answer import Answer, Bending
from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.reading import Reading
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.store import Document

FAULTS = Faults()


@FAULTS.clickhouse("CH-PROM-FORMAT")
class SampleWithoutValue(ClickhouseService):
    """The last sample has no value."""

    def exposition(self, organization: Document, documents: Sequence[Document]) -> str:
        return super().exposition(organization, documents).rstrip("\n").rpartition(" ")[0] + "\n"


@FAULTS.clickhouse("CH-PROM-METRICS")
class TypesLeftOut(ClickhouseService):
    """No metric has a type."""

    def exposition(self, organization: Document, documents: Sequence[Document]) -> str:
        return re.sub(r"# TYPE .*\n", "", super().exposition(organization, documents))


@FAULTS.clickhouse("CH-PROM-METRICS")
class CountersRenamed(ClickhouseService):
    """Counters end in _total, as a library that knows better makes them do."""

    def exposition(self, organization: Document, documents: Sequence[Document]) -> str:
        return super().exposition(organization, documents).replace("_Total", "_total")


@FAULTS.bending("CH-PROM-CONTENT-TYPE")
class MetricsWithoutCharset(Bending):
    """Metrics are announced as HTML."""

    def bend(self, answer: Answer) -> Answer:
        metrics = answer.path.endswith("/prometheus") and answer.succeeded
        return answer.with_header("content-type", "text/html") if metrics else answer


@FAULTS.clickhouse("CH-PROM-ORG")
class FirstServiceMeasuredOnly(ClickhouseService):
    """The organization's metrics are those of its first service alone."""

    def organization_metrics(self, organization: Document, documents: Sequence[Document]) -> str:
        return super().organization_metrics(organization, documents[:1])


@FAULTS.clickhouse("CH-PROM-SERVICE")
class OtherServicesMeasured(ClickhouseService):
    """A service's metrics have samples of the organization's other services."""

    def exposition(self, organization: Document, documents: Sequence[Document]) -> str:
        return super().exposition(organization, self.services(organization))


@FAULTS.clickhouse("CH-PROM-TOPICS")
class ConnectionsUnmeasured(ClickhouseService):
    """No metric is about connections."""

    def exposition(self, organization: Document, documents: Sequence[Document]) -> str:
        return re.sub(r".*Connections.*\n", "", super().exposition(organization, documents))


@FAULTS.clickhouse("CH-PROM-LABELS")
class ServiceNameUnlabelled(ClickhouseService):
    """Samples do not carry the service's name."""

    def labels(self, organization: Document, document: Document) -> dict[str, str]:
        labels = super().labels(organization, document)
        del labels["postgres_service_name"]
        return labels


@FAULTS.clickhouse("CH-PROM-LABELS")
class OrganizationLabelWrong(ClickhouseService):
    """Samples carry the service's id where the organization's belongs."""

    def labels(self, organization: Document, document: Document) -> dict[str, str]:
        return super().labels(organization, document) | {"clickhouse_org": document["id"]}


@FAULTS.clickhouse("CH-PROM-INFO")
class InfoStateWrong(ClickhouseService):
    """The info metric calls running services unavailable."""

    def exposition(self, organization: Document, documents: Sequence[Document]) -> str:
        text = super().exposition(organization, documents)
        return text.replace('postgres_status="running"', 'postgres_status="unavailable"')


@FAULTS.clickhouse("CH-PROM-COUNTERS")
class CountersFall(ClickhouseService):
    """Counters run backwards."""

    def reading(self, document: Document) -> Reading:
        reading = super().reading(document)
        return Reading(reading.document, reading.size, 1e9 - 1000 * reading.age, reading.load)


@FAULTS.clickhouse("CH-PROM-CPU-MODES")
class IdleTimeLeftOut(ClickhouseService):
    """CPU time has no mode idle."""

    def exposition(self, organization: Document, documents: Sequence[Document]) -> str:
        return re.sub(r'.*mode="idle".*\n', "", super().exposition(organization, documents))


@FAULTS.clickhouse("CH-PROM-HELP")
class HelpLeftOut(ClickhouseService):
    """No metric is explained."""

    def exposition(self, organization: Document, documents: Sequence[Document]) -> str:
        return re.sub(r"# HELP .*\n", "", super().exposition(organization, documents))


@FAULTS.clickhouse("CH-PROM-ORG-AGREES")
class OrganizationMetricsShortened(ClickhouseService):
    """The organization's metrics leave out the sizes of databases."""

    def organization_metrics(self, organization: Document, documents: Sequence[Document]) -> str:
        text = super().organization_metrics(organization, documents)
        return re.sub(r"PostgresServer_DatabaseSizeBytes\{.*\n", "", text)


@FAULTS.clickhouse("CH-PROM-DELETED")
class DeletedServicesMeasured(ClickhouseService):
    """The organization's metrics go on about services that are gone."""

    def organization_metrics(self, organization: Document, documents: Sequence[Document]) -> str:
        seen: dict[str, Document] = self.__dict__.setdefault("seen", {})
        seen.update({document["id"]: document for document in documents})
        return super().organization_metrics(organization, list(seen.values()))
