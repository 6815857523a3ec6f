"""How listening goes, for Prometheus."""

import urllib.error
import urllib.request

import pytest

from nxtool.errors import NxtoolError
from nxtool.stream.kafka.listening import Snapshot
from nxtool.stream.kafka.metrics import Metrics

NOW = Snapshot({"#rows": 12, "#rejected": 1}, 3.5, 7, 900, {'t/a"b': 1_500_000_000_000_000_001})


def asked(url):
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - of our own
        return answer.headers["Content-Type"], answer.read().decode().splitlines()


def test_metrics_are_served_on_this_machine():
    metrics = Metrics(0)
    try:
        metrics.show(NOW)
        kind, lines = asked(f"http://127.0.0.1:{metrics.port}/metrics")
        with pytest.raises(urllib.error.HTTPError) as caught:
            asked(f"http://127.0.0.1:{metrics.port}/other")
        caught.value.close()
    finally:
        metrics.close()
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    assert [line for line in lines if not line.startswith("#")] == [
        "nxtool_rows_total 12", "nxtool_messages_total 0", "nxtool_rejected_total 1",
        "nxtool_unknown_total 0", "nxtool_again_total 0", "nxtool_repeated_total 0",
        "nxtool_late_total 0", "nxtool_gaps_total 0", "nxtool_received_bytes_total 900",
        "nxtool_rows_per_second 3.5", "nxtool_lag 7", "nxtool_trouble 0",
        'nxtool_source_time_seconds{source="t/a\\"b"} 1500000000.000000000',
    ]  # fmt: skip


def test_a_port_that_is_taken_is_told():
    metrics = Metrics(0)
    try:
        with pytest.raises(NxtoolError, match=r"metrics cannot be served at 127\.0\.0\.1"):
            Metrics(metrics.port)
    finally:
        metrics.close()
