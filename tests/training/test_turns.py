"""Visitors share one queue, in turns: who was served least recently is next, and a paused run holds up its owner alone."""

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from complex_lstm.config import ModelConfig, Roles, SplitConfig, TrainingConfig, WindowConfig
from complex_lstm.runs import Plan, Run, Status, create_run, open_run
from complex_lstm.runs.atomic_files import STATUS
from complex_lstm.runs.queue import earlier_in_queue, turn_taken
from complex_lstm.runs.status import own_process, write_status

PLAN = Plan(
    "p",
    "",
    "a.csv",
    "f" * 64,
    Roles(("x",), ("y",), "values"),
    WindowConfig(4),
    SplitConfig(),
    ModelConfig(),
    TrainingConfig(),
)
Add = Callable[..., Run]


@pytest.fixture
def add(tmp_path: Path) -> Add:
    """Return what puts a run of an owner into the queue, in a state, and for one that has ended at a time."""

    def add(owner: str, key: str, *, queued: float = 0.0, state: str = "waiting", ended: float = 0.0) -> Run:
        run = create_run(tmp_path / owner / "runs" / key, PLAN)
        write_status(run.folder, Status(state, queued=queued, **({} if ended else own_process())))  # type: ignore[arg-type]
        if ended:
            os.utime(run.folder / STATUS, (ended, ended))
        return open_run(run.folder)

    return add


def ahead(run: Run, queue: Path) -> list[str]:
    return [one.key for one in earlier_in_queue(run, queue)]


def test_visitors_take_turns_and_one_with_many_runs_delays_another_by_one(add: Add, tmp_path: Path) -> None:
    add("anna", "a1", queued=1.0, state="running")
    a2, a3 = add("anna", "a2", queued=2.0), add("anna", "a3", queued=3.0)
    b1, b2 = add("ben", "b1", queued=4.0), add("ben", "b2", queued=5.0)

    assert ahead(b1, tmp_path) == ["a1"] and ahead(a2, tmp_path) == ["a1", "b1"]
    assert ahead(b2, tmp_path) == ["a1", "b1", "a2"] and ahead(a3, tmp_path) == ["a1", "b1", "a2", "b2"]


def test_who_was_served_least_recently_is_next_however_early_the_other_has_asked(add: Add, tmp_path: Path) -> None:
    add("anna", "a1", state="done", ended=100.0)
    add("ben", "b1", state="done", ended=50.0)
    a2, b2 = add("anna", "a2", queued=1.0), add("ben", "b2", queued=9.0)

    assert ahead(b2, tmp_path) == [] and ahead(a2, tmp_path) == ["b2"]


def test_a_paused_run_holds_up_its_owner_and_nobody_else_and_its_name_is_not_told(add: Add, tmp_path: Path) -> None:
    add("anna", "a1", queued=1.0, state="paused")
    a2, b1 = add("anna", "a2", queued=2.0), add("ben", "b1", queued=3.0)

    assert ahead(b1, tmp_path) == ["a2"] and ahead(a2, tmp_path) == ["a1"]


def test_a_run_of_another_that_is_damaged_or_has_ended_holds_up_nobody(add: Add, tmp_path: Path) -> None:
    add("anna", "dead", queued=1.0, state="running")
    write_status(tmp_path / "anna/runs/dead", Status("running", pid=2**22 - 1, started=1.0, queued=1.0))
    (tmp_path / "anna/runs/odd").mkdir()
    (tmp_path / "anna/runs/odd/run.json").write_text("{")
    (tmp_path / "anna/runs/odd/status.json").write_text('{"state": "running", "pid": 1.5}')

    assert ahead(add("ben", "b1", queued=2.0), tmp_path) == []


@pytest.mark.parametrize("rounds", [3])
def test_of_runs_that_ask_at_once_one_begins(add: Add, tmp_path: Path, rounds: int) -> None:
    """Whose turn it is hangs on who was served, which changes while several ask: two once began together."""
    waiting = [add(owner, f"{owner}{number}", queued=1.0 + number) for owner in ("anna", "ben", "cleo") for number in range(rounds)]
    begun: list[str] = []

    def ask(run: Run) -> None:
        with turn_taken(run, tmp_path) as before:
            if not before:
                write_status(run.folder, replace(run.status, state="running"))
                begun.append(run.key)

    threads = [threading.Thread(target=ask, args=(run,)) for run in waiting]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len(begun) == 1
