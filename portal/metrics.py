"""Numbers for Prometheus that no counter of django-prometheus knows: what waits, measured when /metrics is read."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY, Collector


class WaitingCollector(Collector):
    """Asks `services.operations.backlog` at each scrape; nothing is kept, so that every web process says the same."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield nothing: the registry would else measure when it registers, before there is a database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield one gauge for each number."""
        from recipes_app.services.operations import backlog  # noqa: PLC0415 - models can be imported only after the set-up

        found = backlog.measure()
        jobs = GaugeMetricFamily("portal_lint_jobs", "Lint jobs that are not settled, by state.", labels=["state"])
        for state, number in sorted(found.lint_jobs.items()):
            jobs.add_metric([state], number)
        yield jobs
        gauges: tuple[tuple[str, str, float], ...] = (
            ("portal_lint_lag_seconds", "Age of the oldest lint job that no runner has taken.", found.lint_lag_seconds),
            ("portal_mails_waiting", "Mails that have not left yet.", found.mails),
            ("portal_mail_lag_seconds", "Age of the oldest mail that has not left.", found.mail_lag_seconds),
            ("portal_moderation_entries", "Open entries of the moderators' queue.", found.moderation_entries),
            ("portal_moderation_lag_seconds", "Age of the oldest open entry.", found.moderation_lag_seconds),
            ("portal_interrupted_acts", "Pushes, reviews and the like whose process died.", found.interrupted_acts),
            ("portal_damaged_repositories", "Repositories that could not be settled or packed.", found.damaged_repositories),
        )
        for name, meaning, value in gauges:
            yield GaugeMetricFamily(name, meaning, value=value)


def register() -> None:
    """Add the gauges to what /metrics shows; a second call adds nothing."""
    if not any(isinstance(each, WaitingCollector) for each in list(REGISTRY._collector_to_names)):
        REGISTRY.register(WaitingCollector())
