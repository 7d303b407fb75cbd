"""The command sweep: what it prints is what its folder holds, and the same command again goes on."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from complex_lstm.cli import main
from complex_lstm.errors import ConfigError
from complex_lstm.runs import open_run
from complex_lstm.runs.atomic_files import STATUS
from complex_lstm.runs.search import SearchPlan, create_search, open_search
from complex_lstm.runs.sensitivity import measures_of, swept_settings
from complex_lstm.runs.status import Status, write_status
from complex_lstm.runs.study import importances, open_study
from complex_lstm.runs.sweep import Varied, open_sweep
from complex_lstm.samples import SAMPLES

SMALL = ("--hidden", "8", "--heads", "2", "--lstm-layers", "1", "--window", "12", "--stride", "3", "--epochs", "1", "--batch-size", "16")
VARIED = ("--vary", "num_heads=1", "--vary", "kernels=5-7-9/5-7-11", "--seeds", "2", "--seed", "7")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["sweep", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A folder with hours.csv and a sweep on it, and what the command said."""
    folder = tmp_path_factory.mktemp("swept")
    header, *lines = SAMPLES["nyc_weather"].csv.read_text().splitlines()
    (folder / "hours.csv").write_text("\n".join([header, *[line for line in lines if line.startswith("JFK")][:200]]))
    return folder, run("--data", folder / "hours.csv", "--folder", folder / "sweep", *SMALL, *VARIED)


def test_a_sweep_says_each_trial_and_what_it_found(swept: tuple[Path, Result]) -> None:
    folder, said = swept

    sweep = open_sweep(folder / "sweep")
    first, *_ = measures_of(sweep.runs)
    heads = swept_settings(sweep, sweep.runs, first)[0].scores
    assert said.exit_code == 0 and "Done: 6 of 6 trials have a score." in said.output
    assert "6 of 6, kernels-5-7-9_5-7-11-seed8: Done: 1 epochs" in said.output and sweep.plan.seeds == (7, 8)
    assert f"num_heads: 1: {heads[0].mean():.4f} ± {heads[0].std(ddof=1):.4f}, 2: {heads[1].mean():.4f}" in said.output
    assert said.output.count("the means range over") == 2 * 3  # settings times measures


@pytest.mark.parametrize("again", [(), ("--data", "hours.csv", *SMALL, *VARIED)])
def test_the_same_folder_goes_on_where_it_was(swept: tuple[Path, Result], again: tuple[str, ...]) -> None:
    folder, _ = swept
    sweep = open_sweep(folder / "sweep")
    write_status(sweep.folder, Status("stopped"))
    (sweep.runs[-1].folder / STATUS).unlink()  # as if it had not begun

    said = run("--folder", folder / "sweep", *(str(folder / word) if word == "hours.csv" else word for word in again))

    assert said.exit_code == 0 and "Done: 6 of 6 trials have a score." in said.output
    assert [line.split(",")[0] for line in said.output.splitlines() if " of 6, " in line] == ["6 of 6"]


def test_data_that_gives_no_score_leaves_no_folder(swept: tuple[Path, Result], tmp_path: Path) -> None:
    folder, _ = swept

    said = run("--data", folder / "hours.csv", "--folder", tmp_path / "one", *SMALL, "--validation", "0", "--test", "0")

    assert said.exit_code == 1 and "neither a validation nor a test part" in said.output
    assert not (tmp_path / "one").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--vary", "hidden_dim=9"), "hidden_dim cannot be 9 here. hidden_dim 9 does not divide by num_heads 2."),
        (("--vary", "hidden_dim"), "'hidden_dim' is not SETTING=VALUE,... as in hidden_dim=32,64,128."),
        (("--vary", "colour=red"), "There is no setting 'colour' to vary."),
        (("--kernels", "3-5"), "'3-5' are no kernels."),
        (("--unit", "temp"), "'temp' is not COLUMN=UNIT"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_leaves_no_folder(
    swept: tuple[Path, Result], tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    said = run("--data", swept[0] / "hours.csv", "--folder", tmp_path / "one", *SMALL, *arguments)

    assert said.exit_code != 0 and words in said.output and not (tmp_path / "one").exists()


def test_a_folder_without_a_sweep_and_without_data_is_told(tmp_path: Path) -> None:
    said = run("--folder", tmp_path / "nothing")

    assert said.exit_code == 1 and "There is no sweep in" in said.output and "Start one with --data and --folder." in said.output


def test_a_sampler_draws_settings_together_goes_on_and_takes_up_what_was_interrupted(swept: tuple[Path, Result], tmp_path: Path) -> None:
    """8 divides by 2 and not by 3: what no model can have is told to the sampler, and another is drawn."""
    optuna = pytest.importorskip("optuna")
    folder, _ = swept
    place = tmp_path / "search"
    drawn = ("--vary", "num_heads=1,3", "--vary", "dropout=0.1,0.5", "--sampler", "random", "--seed", "3")

    first = run("--data", folder / "hours.csv", "--folder", place, *SMALL, *drawn, "--trials", "2")
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(open_search(place).study)))
    study = optuna.load_study(study_name="search", storage=storage)
    known = [one.params for one in study.get_trials()]
    every = [{"num_heads": heads, "dropout": dropout} for heads in ("2", "1") for dropout in ("0.3", "0.1", "0.5")]
    study.enqueue_trial(next(one for one in every if one not in known))  # what was drawn before would not be trained
    begun = study.ask()
    values = {"num_heads": begun.suggest_categorical("num_heads", ("2", "1", "3")), "dropout": "0.3"}
    begun.suggest_categorical("dropout", ("0.3", "0.1", "0.5"))
    again = run("--folder", place, "--trials", "3")

    assert first.exit_code == again.exit_code == 0
    assert "Done: 2 of 2 trials have a score. The lowest validation loss first:" in first.output
    lines = [line for line in again.output.splitlines() if line.startswith("trial ")]
    assert len(lines) == 1 or (len(lines) == 0 and values["num_heads"] == "3")
    done = [one for one in study.get_trials() if one.state.name == "COMPLETE"]
    assert len(done) == 3 and all(one.params["num_heads"] in ("1", "2") for one in done)
    for one in done:
        trained = open_run(open_search(place).place_of(one.number))
        assert (str(trained.plan.model.num_heads), str(trained.plan.model.dropout)) == (one.params["num_heads"], one.params["dropout"])
        assert f"Lowest validation loss {one.value:.4f}" in first.output + again.output
    losses = [float(line.split(":")[0]) for line in again.output.splitlines() if "(trial-" in line]
    assert len(losses) == 3 and losses == sorted(losses)
    found = open_search(place)
    assert (found.status.state, found.plan.trials) == ("done", 3)  # --trials of the second command
    assert {one.number: one.loss for one in found.tried} == {one.number: one.value for one in done}
    assert all(one.values == one_of.params for one, one_of in zip(found.tried, done, strict=True))


def test_the_setting_that_decides_has_all_of_the_importance(tmp_path: Path, swept: tuple[Path, Result]) -> None:
    """The loss is 1 with one head and 0 with two, whatever the dropout is; of nine trials nothing is said."""
    optuna = pytest.importorskip("optuna")
    base = open_sweep(swept[0] / "sweep").plan.base
    search = create_search(tmp_path / "search", SearchPlan(base, (Varied("num_heads", ("1",)), Varied("dropout", ("0.1",))), "random"))
    study, of_choices = open_study(search), optuna.distributions.CategoricalDistribution
    kinds = {name: of_choices(some) for name, some in search.plan.choices.items()}

    def add(trial: int) -> None:
        values = {"num_heads": "12"[trial % 2], "dropout": search.plan.choices["dropout"][trial // 2 % 2]}
        study.add_trial(optuna.trial.create_trial(params=values, distributions=kinds, value=float(values["num_heads"] == "1")))

    for trial in range(9):
        add(trial)
    assert importances(search) == {}
    for trial in range(9, 12):
        add(trial)

    assert importances(search) == {"num_heads": pytest.approx(1.0, abs=0.01), "dropout": pytest.approx(0.0, abs=0.01)}


@pytest.mark.parametrize("workers", [pytest.param(2, marks=pytest.mark.long), 1])
def test_values_that_were_drawn_before_are_not_trained_again(swept: tuple[Path, Result], tmp_path: Path, workers: int) -> None:
    """Trials 1 and 2 draw what trial 0 has: one was interrupted before it began, one is drawn while that one is under way or later."""
    optuna = pytest.importorskip("optuna")
    base = open_sweep(swept[0] / "sweep").plan.base
    search = create_search(tmp_path / "search", SearchPlan(base, (Varied("dropout", ("0.1", "0.5")),), "random", 3))
    study = open_study(search)
    for _ in range(3):
        study.enqueue_trial({"dropout": "0.1"})
    for _ in range(2):
        study.ask().suggest_categorical("dropout", search.plan.choices["dropout"])  # as a search that is killed leaves them

    said = run("--folder", search.folder, "--workers", workers)

    assert said.exit_code == 0 and "Done: 3 of 3 trials have a score. The lowest validation loss first:" in said.output
    assert [one.key for one in open_search(search.folder).runs] == ["trial-0000"]
    tried = open_search(search.folder).tried
    assert [(one.number, one.trained_as) for one in tried] == [(0, 0), (1, 0), (2, 0)] and len({one.loss for one in tried}) == 1
    for number in (1, 2):
        assert (
            f"trial {number} (dropout 0.1): same as trial 0, not trained again. Lowest validation loss {tried[0].loss:.4f}" in said.output
        )
    done = study.get_trials(states=(optuna.trial.TrialState.COMPLETE,))
    assert [one.value for one in done] == [tried[0].loss] * 3  # the sampler learns from each


def test_a_search_ends_when_all_combinations_have_been_tried(swept: tuple[Path, Result], tmp_path: Path) -> None:
    """What no model can have counts as tried: 8 channels do not divide by 3 heads."""
    pytest.importorskip("optuna")
    base = open_sweep(swept[0] / "sweep").plan.base
    search = create_search(tmp_path / "search", SearchPlan(base, (Varied("num_heads", ("3",)),), "random", 50))

    said = run("--folder", search.folder)

    assert said.exit_code == 0 and "All 2 combinations have been tried." in said.output
    assert len(open_search(search.folder).runs) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sampler": "grid"}, "no sampler 'grid'. Choose among tpe, random"),
        ({"varied": ("depth", "3")}, "no setting 'depth' to vary"),
        ({"varied": ("dropout", "much")}, "dropout is 'much', expected a number"),
    ],
)
def test_a_search_that_cannot_be_made_is_told(swept: tuple[Path, Result], change: dict[str, object], words: str) -> None:
    base = open_sweep(swept[0] / "sweep").plan.base
    varied = (Varied(change["varied"][0], (change["varied"][1],)),) if "varied" in change else (Varied("dropout", ("0.1",)),)  # type: ignore[index]

    with pytest.raises(ConfigError, match=words):
        SearchPlan(base, varied, str(change.get("sampler", "tpe")))


@pytest.mark.long
@pytest.mark.parametrize("engine", ["processes", "ray"])
def test_trials_in_two_processes_have_the_scores_of_one(swept: tuple[Path, Result], tmp_path: Path, engine: str) -> None:
    pytest.importorskip("ray")
    folder, _ = swept
    alone = {run.key: run.status.scores for run in open_sweep(folder / "sweep").runs}

    said = run(
        "--data", folder / "hours.csv", "--folder", tmp_path / "two", *SMALL, "--vary", "num_heads=1", "--seeds", "1", "--seed", "7",
        "--workers", "2", "--engine", engine,
    )  # fmt: skip

    assert said.exit_code == 0 and "Done: 2 of 2 trials have a score." in said.output
    for one in open_sweep(tmp_path / "two").runs:
        for ours, usual in zip(one.status.scores, alone[one.key], strict=True):
            assert ours.score == pytest.approx(usual.score, rel=1e-3)
