"""What is counted and logged of the server's work: kinds, states and seconds, never what it was about."""

import functools
import json
import logging
import sys
from pathlib import Path

import pytest

from complex_lstm.errors import Stopped
from complex_lstm.ui.app.health import health
from complex_lstm.ui.app.json_log import JsonLines
from complex_lstm.ui.compute.jobs import Job, JobQueue
from complex_lstm.ui.compute.measures import EVENTS, REGISTRY

KIND = __name__


def ended(state: str) -> float:
    return REGISTRY.get_sample_value("complex_lstm_job_seconds_count", {"kind": KIND, "state": state}) or 0.0


def test_jobs_are_counted_by_how_they_end_and_logged_without_their_keys(caplog: pytest.LogCaptureFixture) -> None:
    queue, before = JobQueue(1, lambda session: True), {state: ended(state) for state in ("done", "stopped", "failed")}
    caplog.handler.setFormatter(JsonLines())

    def stop(job: Job[object]) -> None:
        raise Stopped

    def fail(job: Job[object]) -> None:
        raise ValueError("patient 17")

    with caplog.at_level(logging.INFO, logger=EVENTS.name):
        EVENTS.addHandler(caplog.handler)
        jobs = [queue.request(("patient 17", one.__name__), functools.partial(one), "session") for one in (lambda job: 3, stop, fail)]
        assert all(job.wait(60) for job in jobs)
        EVENTS.removeHandler(caplog.handler)

    assert {state: ended(state) - count for state, count in before.items()} == {"done": 1, "stopped": 1, "failed": 1}
    told = [json.loads(line) for line in caplog.text.splitlines()]
    assert {(one["event"], one["kind"], one["state"]) for one in told} == {("job", KIND, state) for state in before}
    assert "patient 17" not in caplog.text


def test_a_line_of_the_log_has_no_values() -> None:
    def line(name: str, message: str, *values: object, error: bool = False) -> dict[str, object]:
        made = logging.LogRecord(name, logging.WARNING, "/x/reading.py", 7, message, values, sys.exc_info() if error else None)
        return json.loads(JsonLines().format(made))

    assert line("streamlit.web", "Rejecting origin=%s", "http://evil")["event"] == "Rejecting origin=%s"
    assert line("uvicorn.error", "Application startup complete.")["event"] == "Application startup complete."
    filled_in = line("streamlit.web", "patient 17 has left")
    assert "event" not in filled_in and filled_in["at"] == "reading:7" and filled_in["level"] == "warning"
    try:
        raise ValueError("patient 17")
    except ValueError:
        raised = line("streamlit", "Uncaught %s", "patient 17", error=True)
    assert raised["error"] == "ValueError" and "patient" not in json.dumps(raised)
    assert raised["raised_at"] == [
        f"test_measures.py:{raised['raised_at'][0].split(':')[1].split()[0]} test_a_line_of_the_log_has_no_values"
    ]


def test_health_names_what_will_go_wrong_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path / "kept"))
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE_MB", "1")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "large").write_bytes(bytes(2**20))

    told = health()

    assert told["status"] == "degraded" and "the workspace has reached its limit" in told["problems"]
    assert told["disk"]["workspace_bytes"] == told["disk"]["limit_bytes"] == 2**20
