"""The GPU benchmark on the CPU, where everything is compared with itself: it must come through, and find no difference."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from benchmarks.gpu.__main__ import measure, sections
from benchmarks.gpu.report import Report, Row
from benchmarks.gpu.subjects import Bench, difference
from complex_lstm.interpretation import METHODS
from complex_lstm.model import interventions

pytestmark = pytest.mark.long  # half a minute: all that the benchmark measures, in small

SMALL = Bench(torch.device("cpu"), small=True)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict:
    out = tmp_path_factory.mktemp("gpu") / "gpu.json"
    measure(SMALL, out, seconds=300)
    return json.loads(out.read_text())


def test_every_section_has_rows_and_none_fails(told: dict) -> None:
    missing = {(row["section"], row["what"]) for row in told["rows"] if row["figure"] is None}

    assert {*sections(SMALL, None)} - {row["section"] for row in told["rows"]} == set()  # type: ignore[arg-type]  # it is not used
    assert missing == {("memory", "training in too little memory"), ("two processes", "losses of ten steps")}, told["rows"]


def test_the_cpu_equals_itself_in_fp32(told: dict) -> None:
    compared = [row for row in told["rows"] if row["what"].endswith(", fp32") and row["most"] is not None]

    assert {row["section"] for row in compared} == {"forward", "lengths", "trace", "interventions", "training", "explanations"}
    assert {row["what"].removesuffix(", fp32") for row in compared} >= {*METHODS, "conductance"}
    assert max(row["figure"] for row in compared) < 1e-6


def test_every_kind_of_intervention_is_compared(told: dict) -> None:
    kinds = {name for name in interventions.__all__ if hasattr(getattr(interventions, name), "replace")}

    (note,) = {row["note"] for row in told["rows"] if row["section"] == "interventions" and row["what"].endswith("fp32")}

    assert f"of {len(kinds)} kinds" in note


def test_a_section_that_breaks_leaves_a_row_and_the_next_one_runs(tmp_path: Path) -> None:
    report = Report(tmp_path / "out.json", {}, seconds=60)

    def breaks() -> Iterator[Row]:
        yield Row("one", "first", 1.0)
        raise RuntimeError("CUDA error:\nan illegal | access")

    report.run("one", breaks)
    report.run("two", lambda: iter([Row("two", "first", 2.0)]))

    notes = [(row["section"], row["note"]) for row in json.loads((tmp_path / "out.json").read_text())["rows"]]
    assert notes == [("one", ""), ("one", "RuntimeError: CUDA error: an illegal / access"), ("two", "")]


def test_a_section_for_which_there_is_no_time_says_so() -> None:
    report = Report(None, {}, seconds=0, begun=time.perf_counter() - 1)

    report.run("late", lambda: iter([Row("late", "first", 1.0)]))

    assert [row.note for row in report.rows] == ["not run: out of time"]


def test_a_number_that_is_not_finite_is_never_equal() -> None:
    assert difference(torch.tensor([1.0, float("nan")]), torch.tensor([1.0, 2.0])) == float("inf")
    assert difference(torch.tensor([1.0, 2.5]), torch.tensor([1.0, -2.0])) == pytest.approx(4.5 / 2)
