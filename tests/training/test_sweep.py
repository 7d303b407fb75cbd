"""Sweeps: one setting varied at a time, nothing lost however one ends, and numbers that can be checked by hand."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import psutil
import pytest
from lightning.pytorch.callbacks import Callback

from complex_lstm.config import ModelConfig, Roles, SplitConfig, TrainingConfig, WindowConfig, to_json
from complex_lstm.data import read_csv
from complex_lstm.errors import ConfigError, TrainingError
from complex_lstm.model import load_checkpoint
from complex_lstm.runs import Plan, Run, Status, create_run, earlier_in_queue, list_runs, open_run
from complex_lstm.runs.atomic_files import CONTROL, LAST, PLAN
from complex_lstm.runs.process import launch_sweep
from complex_lstm.runs.search import Repeat, SearchPlan, create_search, create_sweep_or_search, list_sweeps, open_sweep_or_search
from complex_lstm.runs.sensitivity import LOWEST_LOSS, Sensitivity, measures_of, score_of, sensitivity, swept_settings
from complex_lstm.runs.status import own_process, write_status
from complex_lstm.runs.sweep import (
    Sweep,
    SweepPlan,
    Varied,
    create_sweep,
    make_sweep,
    open_sweep,
    suggest_values,
    value_of,
    with_value,
)
from complex_lstm.runs.trials import delete_trials, key_of, stop_trials
from complex_lstm.training.sweep import train_sweep

SMALL = ModelConfig(3, 8, 1, 2, 1, 0.3)
CONFIG = TrainingConfig(epochs=2, batch_size=16, learning_rate=5e-3)
HEADS = Varied("num_heads", ("1", "4"))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A run on the first 240 hours of the New York weather at JFK."""
    source = Path(__file__).resolve().parents[2] / "sample_data/nyc_weather.csv"
    header, *lines = source.read_text().splitlines()
    file = tmp_path_factory.mktemp("weather") / "weather.csv"
    file.write_text("\n".join([header, *[line for line in lines if line.startswith("JFK")][:240]]))
    roles = Roles(("temp", "humid", "pressure"), ("temp",), "values")
    return Plan(
        "weather", str(file), "weather.csv", read_csv(file).fingerprint, roles, WindowConfig(12, 2), SplitConfig("time", 0.2, 0.2), SMALL,
        CONFIG, made="2024-01-01T00:00:00",
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(base: Plan, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """A sweep of three models with two seeds, which is done."""
    return train_sweep(create_sweep(tmp_path_factory.mktemp("sweeps") / "one", make_sweep(base, (HEADS,), seeds=2)))


def states(sweep: Sweep) -> list[str]:
    return [run.status.state for run in sweep.runs]


def as_done(sweep: Sweep, seconds: float, **more: object) -> Run:
    """Make the next trial one that is done."""
    trial = next(trial for trial in sweep.plan.trials if not sweep.place_of(trial).exists())
    run = create_run(sweep.place_of(trial), sweep.plan.plan_of(trial))
    write_status(run.folder, Status(**{"state": "done", "seconds": seconds} | more))  # type: ignore[arg-type]
    return open_run(run.folder)


def test_one_setting_is_varied_at_a_time_and_the_first_seed_of_all_comes_first(base: Plan) -> None:
    plan = make_sweep(base, (Varied("hidden_dim", ("16", "8")), Varied("kernels", ("5-7-9/5-7-11",))), seeds=2)

    assert [trial.key for trial in plan.trials] == [
        "base-seed0", "hidden_dim-16-seed0", "kernels-5-7-9_5-7-11-seed0",
        "base-seed1", "hidden_dim-16-seed1", "kernels-5-7-9_5-7-11-seed1",
    ]  # fmt: skip
    assert plan.trials[1].model == replace(SMALL, hidden_dim=16) and plan.trials[2].model == replace(SMALL, kernels=((5, 7, 9), (5, 7, 11)))
    asked = plan.plan_of(plan.trials[4])
    assert (asked.model.hidden_dim, asked.training.seed, asked.training.snapshots) == (16, 1, 0)
    assert (asked.data, asked.window, asked.split, asked.training.epochs) == (base.data, base.window, base.split, 2)


def test_the_values_of_a_setting_are_in_order_with_the_own_among_them(base: Plan) -> None:
    plan = make_sweep(base, (Varied("hidden_dim", ("64", "4", "16")),), seeds=1)

    assert [model.hidden_dim for model in plan.models(plan.varied[0])] == [4, 8, 16, 64]


def test_suggested_values_are_ones_that_the_model_can_have() -> None:
    suggested = {one.setting: one.values for one in suggest_values(ModelConfig(9, 64, 4, 8, 3, 0.3))}

    assert suggested == {
        "hidden_dim": ("32", "128"), "num_lstm_layers": ("2", "8"), "num_heads": ("4", "16"), "dropout": ("0.1", "0.5"),
        "kernels": ("1-3-5/1-3-7", "5-7-9/5-7-11"),
    }  # fmt: skip
    assert {one.setting: one.values for one in suggest_values(ModelConfig(1, 3, 1, 3))}["num_heads"] == (
        "1",
    )  # 3 divides by neither 6 nor 0


def test_a_value_goes_to_text_and_back() -> None:
    for one in suggest_values(SMALL):
        for value in one.values:
            assert value_of(with_value(SMALL, one.setting, value), one.setting) == value


@pytest.mark.parametrize(
    ("varied", "words"),
    [
        (("hidden_dim", "9"), "hidden_dim cannot be 9 here. hidden_dim 9 does not divide by num_heads 2"),
        (("depth", "3"), "no setting 'depth' to vary. Choose among hidden_dim"),
        (("num_heads", "many"), "num_heads is 'many', expected a whole number"),
        (("dropout", "nan"), "dropout cannot be nan here. dropout is nan, expected a share"),
        (("kernels", "3-5-7"), "'3-5-7' are no kernels. Write the widths of both stages as 3-5-7/3-5-9"),
        (("kernels", "3-5-8/3-5-9"), "kernels cannot be 3-5-8/3-5-9 here. .*odd widths"),
        (("num_heads", "2"), "Nothing is varied"),
    ],
)
def test_what_no_model_can_have_is_told_before_anything_trains(base: Plan, varied: tuple[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make_sweep(base, (Varied(varied[0], (varied[1],)),), seeds=2)


def test_sweeps_that_would_compare_nothing_are_refused(base: Plan) -> None:
    adaptive, shuffled = (replace(base, training=replace(CONFIG, **{name: True})) for name in ("adaptive_dropout", "shuffle_labels"))

    with pytest.raises(ConfigError, match="num_heads is varied twice"):
        make_sweep(base, (HEADS, HEADS), seeds=1)
    with pytest.raises(ConfigError, match=r"The seeds are \[\], expected one or more"):
        make_sweep(base, (HEADS,), seeds=0)
    with pytest.raises(ConfigError, match="Adaptive dropout sets the dropout itself"):
        make_sweep(adaptive, (Varied("dropout", ("0.5",)),), seeds=1)
    with pytest.raises(ConfigError, match="shuffled labels has no score"):
        make_sweep(shuffled, (HEADS,), seeds=1)


@pytest.mark.long
def test_every_trial_is_a_run_with_scores(trained: Sweep) -> None:
    assert trained.status.state == "done" and trained.status.message == "Done: 6 of 6 trials have a score."
    assert [run.key for run in trained.runs] == [trial.key for trial in trained.plan.trials] and states(trained) == ["done"] * 6
    for run, trial in zip(trained.runs, trained.plan.trials, strict=True):
        assert load_checkpoint(run.model).model.config == trial.model
        assert {one.part for one in run.status.scores} == {"validation", "test"} and not (run.folder / LAST).exists()


@pytest.mark.long
def test_the_scores_of_a_setting_are_those_of_its_runs(trained: Sweep) -> None:
    runs, measure = trained.runs, "R² on the test part"

    (swept,) = swept_settings(trained, runs, measure)

    by_key = {run.key: 1 - run.status.scores[1].value for run in runs}  # stored is the squared error in variances
    assert measures_of(runs) == ("R² on the validation part", measure, LOWEST_LOSS)
    assert swept.values == ("1", "2", "4") and swept.own == 1 and swept.label == "Attention heads"
    names = [["num_heads-1-seed0", "num_heads-1-seed1"], ["base-seed0", "base-seed1"], ["num_heads-4-seed0", "num_heads-4-seed1"]]
    assert swept.scores.tolist() == [[by_key[name] for name in row] for row in names]
    assert score_of(runs[0], LOWEST_LOSS) == min(row.value for row in runs[0].rows if row.metric == "validation_loss")


@pytest.mark.long
def test_a_seed_decides_a_trial_and_another_gives_another_score(trained: Sweep, base: Plan, tmp_path: Path) -> None:
    again = train_sweep(create_sweep(tmp_path / "again", make_sweep(base, (HEADS,), seeds=1)))

    for run, before in zip(again.runs, trained.runs, strict=False):
        assert run.key == before.key and run.status.scores == before.status.scores
    assert trained.runs[0].status.scores != trained.runs[3].status.scores  # the base with its two seeds


class AtBatch(Callback):
    """Does something once, before a batch of the second trial's second epoch."""

    def __init__(self, do: Any) -> None:
        self.do, self.fits = do, 0

    def on_fit_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self.fits += 1

    def on_train_batch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, batch: Any, batch_idx: int) -> None:
        if (self.fits, trainer.current_epoch, batch_idx) == (2, 1, 1):
            self.do()


@pytest.mark.long
def test_a_stopped_sweep_keeps_what_is_done_and_goes_on_with_what_is_left(base: Plan, trained: Sweep, tmp_path: Path) -> None:
    sweep = create_sweep(tmp_path / "one", make_sweep(base, (HEADS,), seeds=1))

    stopped = train_sweep(open_sweep(sweep.folder), callbacks=(AtBatch(lambda: stop_trials(sweep)),))

    assert stopped.status.state == "stopped" and stopped.status.message == "Stopped. 1 of 3 trials are done."
    assert states(stopped) == ["done", "stopped"] and not list(sweep.folder.rglob(CONTROL))
    first = stopped.runs[0].status
    told: list[str] = []
    resumed = train_sweep(open_sweep(sweep.folder), report=told.append)
    assert states(resumed) == ["done"] * 3 and resumed.runs[0].status == first and len(told) == 2
    for run, whole in zip(resumed.runs, trained.runs, strict=False):
        assert run.status.scores[0].value == pytest.approx(whole.status.scores[0].value, rel=1e-5)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")  # it is meant to outlive whoever started it
def test_a_killed_sweep_says_so_and_loses_no_more_than_an_epoch(base: Plan, tmp_path: Path) -> None:
    long = replace(base, training=replace(CONFIG, epochs=30, patience=30))  # so many that one of them is seen while it is trained
    sweep = create_sweep(tmp_path / "one", make_sweep(long, (Varied("num_heads", ("1",)),), seeds=1))
    launch_sweep(sweep, queue=tmp_path)
    while not (len(found := open_sweep(sweep.folder).runs) == 2 and found[1].status.epoch >= 2):
        assert open_sweep(sweep.folder).is_under_way
        time.sleep(0.02)

    os.kill(open_sweep(sweep.folder).status.pid, signal.SIGKILL)
    while (killed := open_sweep(sweep.folder)).is_under_way:
        time.sleep(0.02)

    assert killed.status.state == "failed" and "killed" in killed.status.message and states(killed) == ["done", "failed"]
    done, epoch = killed.runs[0].status, killed.runs[1].status.epoch
    resumed = train_sweep(open_sweep(sweep.folder))
    assert resumed.status.state == "done" and states(resumed) == ["done", "done"] and resumed.runs[0].status == done
    log = (resumed.runs[1].folder / "log.txt").read_text().splitlines()
    begun = [line for line in log if line.startswith("epoch 1 of 30:")]
    assert epoch >= 2 and len(begun) == 1 and [row.epoch for row in resumed.runs[1].rows if row.metric == "loss"] == list(range(1, 31))


@pytest.mark.long
def test_the_same_folder_goes_on_with_the_same_sweep_only(trained: Sweep, base: Plan, tmp_path: Path) -> None:
    assert create_sweep(trained.folder, make_sweep(replace(base, name="other"), (HEADS,), seeds=2)).plan == trained.plan
    for other in (make_sweep(base, (HEADS,), seeds=3), make_sweep(base, (Varied("num_heads", ("1",)),), seeds=2)):
        with pytest.raises(TrainingError, match="holds a sweep of other values, seeds, settings or data"):
            create_sweep(trained.folder, other)
    create_run(tmp_path / "run", base)
    with pytest.raises(TrainingError, match="holds a single run"):
        create_sweep(tmp_path / "run", trained.plan)
    with pytest.raises(TrainingError, match="There is no sweep in"):
        open_sweep(tmp_path / "run")


def test_a_sweep_that_is_done_is_left_as_it_is_also_without_its_data(trained: Sweep, base: Plan, tmp_path: Path) -> None:
    gone = create_sweep(tmp_path / "one", make_sweep(replace(base, data=str(tmp_path / "gone.csv")), (HEADS,), seeds=2))
    write_status(gone.folder, trained.status)

    assert train_sweep(open_sweep(gone.folder)).status == trained.status and not gone.runs


def test_a_trial_that_diverges_has_no_score_and_the_sweep_goes_on(base: Plan, tmp_path: Path) -> None:
    wild = replace(base, training=replace(CONFIG, learning_rate=1e30, clip_norm=0.0))

    ended = train_sweep(create_sweep(tmp_path / "one", make_sweep(wild, (Varied("num_heads", ("1",)),), seeds=1)))

    assert ended.status.state == "done" and ended.status.message == "Done: 0 of 2 trials have a score."
    assert states(ended) == ["failed", "failed"] and measures_of(ended.runs) == ()


@pytest.mark.long
def test_a_trial_that_cannot_be_trained_has_no_score_and_the_sweep_goes_on(base: Plan, tmp_path: Path) -> None:
    """An impossible trial ended the sweep, also each time that it was resumed."""
    sweep = create_sweep(tmp_path / "one", make_sweep(base, (HEADS,), seeds=1))
    first = create_run(sweep.place_of(sweep.plan.trials[0]), sweep.plan.plan_of(sweep.plan.trials[0]))
    write_plan = replace(first.plan, data=str(tmp_path / "gone.csv"))
    (first.folder / PLAN).write_text(to_json(write_plan))
    told: list[str] = []

    ended = train_sweep(open_sweep(sweep.folder), report=told.append)

    assert ended.status.state == "done" and states(ended) == ["failed", "done", "done"]
    assert "is no longer there" in told[0]


def test_data_without_a_part_to_score_on_is_told_before_the_first_trial(base: Plan, tmp_path: Path) -> None:
    unscored = replace(base, split=SplitConfig("time", 0.0, 0.0))

    with pytest.raises(TrainingError, match="neither a validation nor a test part"):
        train_sweep(create_sweep(tmp_path / "one", make_sweep(unscored, (HEADS,), seeds=1)))

    failed = open_sweep(tmp_path / "one")
    assert failed.status.state == "failed" and "neither" in failed.status.message and not failed.runs


def test_a_sweep_under_way_is_not_started_twice_nor_deleted(base: Plan, tmp_path: Path) -> None:
    sweep = create_sweep(tmp_path / "one", make_sweep(base, (HEADS,), seeds=1))
    parent = psutil.Process().parent()
    assert parent
    write_status(sweep.folder, Status("running", pid=parent.pid, started=parent.create_time()))

    with pytest.raises(TrainingError, match="is under way already, in process"):
        train_sweep(open_sweep(sweep.folder))
    with pytest.raises(TrainingError, match="Stop it before deleting it"):
        delete_trials(open_sweep(sweep.folder))
    write_status(sweep.folder, Status("stopped"))
    delete_trials(open_sweep(sweep.folder))
    assert not sweep.folder.exists() and list_sweeps(tmp_path) == []


def test_trials_and_runs_wait_for_each_other(base: Plan, tmp_path: Path) -> None:
    sweep = create_sweep(tmp_path / "sweep", make_sweep(base, (HEADS,), seeds=1))
    trial = as_done(sweep, 1.0, state="running", queued=1.0, **own_process())
    run = create_run(tmp_path / "run", base)
    write_status(run.folder, Status("waiting", queued=2.0, **own_process()))
    later = as_done(sweep, 1.0, state="waiting", queued=3.0, **own_process())

    assert [len(earlier_in_queue(one, tmp_path)) for one in (trial, open_run(run.folder), later)] == [0, 1, 2]
    assert [one.key for one in list_runs(tmp_path)] == ["run"]  # the trials stay out of the list of runs


def test_the_time_left_is_that_of_the_same_models(base: Plan, tmp_path: Path) -> None:
    sweep = create_sweep(tmp_path / "one", make_sweep(base, (Varied("num_heads", ("1",)),), seeds=2))
    assert sweep.seconds_left(sweep.runs) is None
    first = as_done(sweep, 0.0, state="running", share=0.5, seconds_left=20.0, **own_process())
    assert sweep.seconds_left(sweep.runs) == 140  # by its own speed: half of 40 s, and three more
    write_status(first.folder, Status("done", seconds=10.0))
    assert sweep.seconds_left(sweep.runs) == 30  # three more, none of another model known
    as_done(sweep, 50.0)
    assert sweep.seconds_left(sweep.runs) == 60
    as_done(sweep, 0.0, state="running", share=0.5, **own_process())
    assert sweep.seconds_left(sweep.runs) == 55  # half of ten, and fifty


def test_the_time_before_the_start_is_that_of_the_measured_models(base: Plan, tmp_path: Path) -> None:
    """By hand: heads 1, 2 and 4 at 1, 2 and 3 s an epoch, two epochs. Of the search's 12 combinations at most 12 are trained."""
    sweep = make_sweep(base, (HEADS,), seeds=2)
    by_heads = {model: {1: 1.0, 2: 2.0, 4: 3.0}[model.num_heads] for model in sweep.measured_models}
    assert (sweep.timed(by_heads).seconds, sweep.timed(by_heads).fastest, sweep.timed(by_heads).slowest) == (24, 2, 6)

    varied = (HEADS, Varied("dropout", ("0.1", "0.2", "0.4")))
    search = SearchPlan(base, varied, "random", 30)
    assert len(search.measured_models) == len(set(search.measured_models)) == 6 and search.combinations == 12
    timed = search.timed(dict.fromkeys(search.measured_models, 2.0))
    assert timed.seconds == 12 * 4 and "estimate by the mean of 6 models drawn at random from 12 combinations" in timed.words
    folder = create_search(tmp_path / "search", search)
    run = create_run(folder.place_of(0), search.plan_of(0, {"num_heads": "1", "dropout": "0.1"}))
    write_status(run.folder, Status("running", share=0.25, seconds_left=30.0, **own_process()))
    assert folder.seconds_left(folder.runs) == 40 * (30 - 0.25)  # before the first has ended
    write_status(run.folder, Status("done", seconds=20.0))
    folder.keep_repeat(Repeat(1, 0))
    assert folder.seconds_left(folder.runs) == 20 * 28 and folder.scored(folder.runs) == 2


@pytest.mark.parametrize("kind", ["sweep", "search"])
def test_a_sweep_and_a_search_say_their_own_word(base: Plan, tmp_path: Path, kind: str) -> None:
    plan = make_sweep(base, (HEADS,), seeds=1) if kind == "sweep" else SearchPlan(base, (HEADS,), "tpe")
    found = create_sweep_or_search(tmp_path / key_of(plan), plan)
    write_status(found.folder, Status("running", **own_process()))
    under_way = open_sweep_or_search(found.folder)

    with pytest.raises(TrainingError, match=f"^The {kind} is under way. Stop it"):
        delete_trials(under_way)
    (found.folder / CONTROL).mkdir()
    with pytest.raises(TrainingError, match=f"^The {kind} cannot be stopped"):
        stop_trials(under_way)
    with pytest.raises(TrainingError, match=f"^The {kind} cannot be started"):
        launch_sweep(found)
    assert found.folder.name.startswith(f"{kind}-")


def test_sensitivity_is_the_range_of_the_means_beside_the_spread_of_the_seeds() -> None:
    found = sensitivity(np.array([[1.0, 3.0], [2.0, 4.0], [4.0, 6.0]]))

    # Means 2, 3 and 5; each pair deviates by 1 from its mean: within 6 / 3 = 2, between (1.33^2 + 0.33^2 + 1.67^2) * 2 / 2 = 4.67.
    assert (
        found is not None and found.span == 3 and found.spread == pytest.approx(np.sqrt(2)) and found.ratio == pytest.approx(3 / np.sqrt(2))
    )
    assert found.chance == pytest.approx((1 + 2 / 3 * 14 / 6) ** (-3 / 2))  # of F = 7/3 with 2 and 3 degrees of freedom, in closed form
    assert "not distinguishable" in found.verdict


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([[1.0, 3.0], [1.5, 3.5]], "robust here"),
        ([[1.0, 1.1, 0.9], [9.0, 9.1, 8.9]], "matters here"),
        ([[1.0, 1.0], [1.0, 1.0]], "robust here"),
        ([[1.0, 1.0], [2.0, 2.0]], "matters here"),
        ([[1.0, 1.1, np.nan], [9.0, np.nan, 9.1], [np.nan] * 3], "matters here"),
    ],
)
def test_the_verdict_says_what_was_found(scores: list[list[float]], words: str) -> None:
    found = sensitivity(np.array(scores))

    assert isinstance(found, Sensitivity) and found.verdict.startswith(words)


@pytest.mark.parametrize("scores", [[[1.0], [2.0]], [[1.0, 2.0], [np.nan, np.nan]], [[np.nan, 1.0], [2.0, np.nan]]])
def test_nothing_is_said_of_a_setting_without_a_spread_or_a_second_value(scores: list[list[float]]) -> None:
    assert sensitivity(np.array(scores)) is None


def test_a_sweep_that_is_half_written_is_left_out(trained: Sweep, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "sweep.json").write_text('{"base": ')

    assert list_sweeps(tmp_path) == [] and [one.key for one in list_sweeps(trained.folder.parent)] == ["one"]
    with pytest.raises(TrainingError, match="The sweep.json of the sweep broken cannot be used"):
        open_sweep(tmp_path / "broken")
    assert isinstance(trained.plan, SweepPlan) and not (trained.folder / PLAN).exists()
