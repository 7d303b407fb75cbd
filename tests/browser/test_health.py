"""What is seen of the server from outside, with and without a visitor."""

import json
import urllib.request

import pytest

from tests.browser.server import START_UP, Server
from tests.browser.visitor import Visitor


def fetch(server: Server, path: str, **headers: str) -> tuple[str, str]:
    """Return the body of an answer and its content type."""
    request = urllib.request.Request(f"{server.url}/{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=START_UP) as answer:
        return answer.read().decode(), answer.headers["Content-Type"]


def test_health_tells_queue_memory_device_and_disk(server: Server) -> None:
    body, kind = fetch(server, "healthz")

    told = json.loads(body)
    assert kind == "application/json" and told["status"] == ("degraded" if told["problems"] else "ok")
    assert told["queue"]["running"] + told["queue"]["waiting"] >= 0 and told["queue"]["workers"] >= 1
    assert 0 < told["memory"]["resident_bytes"] < told["memory"]["total_bytes"] and told["device"]
    assert told["disk"]["free_bytes"] > 0 and told["disk"]["limit_bytes"] == 0 and told["disk"]["is_writable"]


def test_metrics_are_open_metrics_of_jobs_and_pages(server: Server) -> None:
    body, kind = fetch(server, "metrics", Accept="application/openmetrics-text; version=1.0.0")

    assert kind.startswith("application/openmetrics-text; version=1.0.0") and body.endswith("# EOF\n")
    names = {line.split()[2] for line in body.splitlines() if line.startswith("# TYPE")}
    assert {"complex_lstm_jobs", "complex_lstm_visitors", "complex_lstm_job_seconds", "complex_lstm_page_run_seconds"} <= names


def test_a_session_of_another_process_is_gone(server: Server) -> None:
    """A page that connects again is loaded anew by its link then: tests/browser/test_processes.py."""
    assert fetch(server, "session", **{"X-Session": "00000000-0000-0000-0000-000000000000"})[0] == "gone"


@pytest.mark.long
def test_a_visitor_is_counted_and_not_named(visitor: Visitor, server: Server) -> None:
    before = page_runs(fetch(server, "metrics")[0], "about")

    visitor.open("about", data="planted_order", model="planted_order", window=121)
    visitor.see_heading("About the model")
    visitor.settle()

    body = fetch(server, "metrics")[0]
    assert page_runs(body, "about") > before and json.loads(fetch(server, "healthz")[0])["visitors"] >= 1
    assert "planted_order" not in body


def page_runs(metrics: str, page: str) -> float:
    return sum(
        float(line.split()[1]) for line in metrics.splitlines() if line.startswith(f'complex_lstm_page_run_seconds_count{{page="{page}"}}')
    )
