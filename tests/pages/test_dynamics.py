"""The Train page on what went on inside a run: the document's claims beside what the run did, and what to do where nothing was kept."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.config import to_json
from complex_lstm.errors import DivergedError
from complex_lstm.interpretation.training_dynamics.head_diversity import Specialising, specialising
from complex_lstm.interpretation.training_dynamics.settling import Gating, ScoreCourse, Settling, gating, settling
from complex_lstm.runs import Run, create_run, open_run
from complex_lstm.runs.atomic_files import PLAN
from complex_lstm.runs.snapshots import SNAPSHOTS, kept_steps, read_probe_set, read_snapshots
from complex_lstm.runs.status import own_process, write_status
from complex_lstm.training.run import train_run
from complex_lstm.ui.views.train.dynamics import (
    attention_sentence,
    gate_sentence,
    heads_sentence,
    left_out_sentence,
    scores_sentence,
)
from tests.pages.conftest import Show
from tests.pages.looking import words
from tests.training.looked_into import copy_of_looked_into, looked_into

pytestmark = pytest.mark.long

FIGURES = {f"train_dynamics_{name}" for name in ("settling", "heads", "gate", "scores", "gradients", "total", "scale")}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that has kept moments, among the runs of the workspace."""
    return copy_of_looked_into(tmp_path / "runs" / "one")


@pytest.fixture
def diverged(tmp_path: Path) -> Run:
    """A run whose first step threw it off: the moment before that step is finite, the one after it is not."""
    wild = replace(looked_into().plan.training, learning_rate=1e6, clip_norm=0.0)
    made = create_run(tmp_path / "runs" / "wild", replace(looked_into().plan, training=wild))
    with pytest.raises(DivergedError):
        train_run(open_run(made.folder))
    return open_run(made.folder)


def figures(app: AppTest) -> set[str]:
    drawn = [one.proto.id for one in app.get("plotly_chart")]
    return {name for name in FIGURES if any(name in one for one in drawn)}


def test_the_claims_stand_beside_what_the_run_did(show: Show, run: Run) -> None:
    watched, moments = read_probe_set(run.folder), read_snapshots(run.folder)
    assert watched is not None

    app = show("train", run=run.key)

    assert not app.exception and not app.error
    said, last = words(app), moments[-1].step
    assert attention_sentence(settling(watched, moments), last) in said
    assert heads_sentence(specialising(watched, moments)) in said and gate_sentence(gating(watched, moments)) in said
    assert f"{len(moments)} from step 0 to {last}" in said and f"of {len(watched.evaluated)} windows of the validation part" in said
    assert figures(app) == set()  # nothing is drawn before somebody asks for it


def test_the_film_and_its_figures_are_drawn_when_they_are_asked_for(show: Show, run: Run) -> None:
    app = show("train", run=run.key)

    app.toggle(key="train_dynamics_film").set_value(True).run()

    assert not app.exception and not app.error and figures(app) == FIGURES
    labels = app.selectbox(key="train_dynamics_window_one").options
    watched = read_probe_set(run.folder)
    assert watched is not None and len(labels) == len(watched.windows) and "validation part: label is " in labels[0]
    assert f"train_dynamics_canvas_{run.key}_agreement" in app.session_state
    app.selectbox(key="train_dynamics_layer_one").set_value(1).run()
    assert not app.exception and not app.error


def test_without_the_data_there_are_maps_and_no_series(show: Show, run: Run) -> None:
    (run.folder / PLAN).write_text(to_json(replace(run.plan, data="/gone.csv", fingerprint="0" * 64)))

    app = show("train", run=run.key)
    app.toggle(key="train_dynamics_film").set_value(True).run()

    assert not app.exception and not app.error and "without it the series is not drawn" in words(app) and figures(app) == FIGURES
    assert app.selectbox(key="train_dynamics_window_one").options[0].endswith("validation part")


def test_a_run_without_moments_says_what_to_do(show: Show, run: Run) -> None:
    shutil.rmtree(run.folder / SNAPSHOTS)

    app = show("train", run=run.key)

    assert not app.exception and not app.error and "This run has no snapshots" in words(app)
    assert "train_dynamics_film" not in [one.key for one in app.toggle]


def test_moments_that_are_not_finite_are_left_out_and_counted(show: Show, diverged: Run) -> None:
    """A moment of NaN broke the page: no distance was ever small, and no least squares had an answer."""
    app = show("train", run=diverged.key)
    app.toggle(key="train_dynamics_film").set_value(True).run()

    assert not app.exception and len(app.error) == 1  # the run's own: it has diverged
    assert "1 of 2 snapshots, the first at step 1, is left out" in app.warning[0].value
    assert "1 from step 0 to 0" in words(app) and "there are not two snapshots to compare yet" in words(app)
    assert figures(app) == {
        f"train_dynamics_{name}" for name in ("settling", "heads", "gate", "scores")
    }  # no gradients before the first step


def test_where_no_moment_is_finite_there_is_one_message(show: Show, diverged: Run) -> None:
    (diverged.folder / SNAPSHOTS / f"{0:09d}.npz").unlink()

    app = show("train", run=diverged.key)

    assert not app.exception and len(app.warning) == 1 and "The only snapshot, at step 1, is left out" in app.warning[0].value
    assert "train_dynamics_film" not in [one.key for one in app.toggle]


def test_what_is_left_out_is_told_from_its_first_step() -> None:
    assert left_out_sentence((40, 50, 60), kept=27).startswith("3 of 30 snapshots, the first at step 40, are left out")
    assert left_out_sentence((1000, 2000), kept=0).startswith("All 2 snapshots, from step 1,000 on, are left out")


def test_a_run_under_way_shows_what_there_is_and_looks_again_when_asked(show: Show, run: Run) -> None:
    *_, late, last = kept_steps(run.folder)
    kept = run.folder / SNAPSHOTS / f"{last:09d}.npz"
    content = kept.read_bytes()
    kept.unlink()
    write_status(run.folder, replace(run.status, state="running", **own_process()))
    app = show("train", run=run.key)
    assert f"up to step {late:,}, and early" in words(app)
    kept.write_bytes(content)

    app.button(key="train_dynamics_again").click().run()

    assert not app.exception and not app.error and f"up to step {last:,}, and early" in words(app)


def test_attention_that_settles_is_told_by_its_third() -> None:
    steps, pace = np.array([0, 400, 1000]), np.array([np.nan, 1.0, 1.0])
    courses = ([0.4, 0.01, 0.0], [0.01, 0.0, 0.0], [0.4, 0.2, 0.0])

    said = attention_sentence(tuple(Settling(steps, np.array(to_last), pace) for to_last in courses), 1000)

    assert "layer 1 settles **in the middle**: from step 400 of 1,000 (40%) on" in said and "(0.400)" in said
    assert "layer 2 **hardly changes**: its maps are never further than 0.010 from the last ones;" in said
    assert "layer 3 **has not settled** by step 1,000: up to the snapshot before" in said
    assert "so nothing can settle" in attention_sentence((), 1000)


def test_heads_are_told_to_grow_apart_or_not() -> None:
    steps, correlation = [0, 20, 30], [[0.9], [0.8], [0.7]]
    apart = Specialising(np.array(steps), ((0, 1),), np.array([[0.2], [0.2], [1.2]]), np.array(correlation))
    alike = replace(apart, distance=np.array([[1.4], [1.2], [1.0]]))
    still = replace(apart, distance=np.array([[1.0], [1.0], [1.05]]))

    assert "grow apart most **late**, by 1.00 in that third; over the run their distance goes from 0.20 to 1.20" in heads_sentence(apart)
    assert "they **grow more alike**, by 0.40" in heads_sentence(alike) and "from 0.90 to 0.70." in heads_sentence(alike)
    assert "**hardly grow apart** in any third" in heads_sentence(still) and "alike" not in heads_sentence(still)


def test_names_of_classes_are_told_letter_by_letter() -> None:
    scores = ScoreCourse(np.array([0, 1]), np.array([1.0, 0.5]), np.array([[0.0, 0.0, 0.0], [0.25, np.nan, 0.75]]))

    said = scores_sentence(scores, ("*a*", "never", "b"), is_classes=True)

    assert said == r"**Scores.** Recall at the last snapshot: 0.25 for \*a\* (lowest) to 0.75 for b (highest)."


def test_targets_are_scored_by_r2() -> None:
    """The course holds squared errors in units of the variance: 0.25 of it is R² 0.75."""
    scores = ScoreCourse(np.array([0]), np.array([1.0]), np.array([[0.25, 1.5]]))

    two, one = (scores_sentence(replace(scores, each=each), names, is_classes=False)
                for each, names in ((scores.each, ("a", "b")), (scores.each[:, :1], ("a",))))  # fmt: skip

    assert two.endswith("at the last snapshot: -0.50 for b (lowest) to 0.75 for a (highest).") and "**Scores.** R², where 0 is" in two
    assert one.endswith("at the last snapshot: 0.75 for a.")


def test_a_gate_that_is_not_in_yet_is_said_so() -> None:
    nothing, row = np.zeros(0), np.zeros((0, 5))

    assert (
        gate_sentence(Gating(np.zeros(0, dtype=int), row, nothing, row, nothing, nothing))
        == "**Gate.** The fusion gate is not trained yet."
    )
