"""What version 0.1 wrote still opens: checkpoints, runs, sweeps and the workspace. Its links are in pages/test_old_links.py."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import torch
from click.testing import CliRunner

from complex_lstm import Checkpoint, load_checkpoint
from complex_lstm.cli import main
from complex_lstm.runs import list_runs, open_run
from complex_lstm.workspace import Workspace

OLD = Path(__file__).parent / "fixtures_v0_1"
OUTPUTS = json.loads((OLD / "models/outputs.json").read_text())


def run(*arguments: object) -> str:
    """Run a command and return what it says."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def copy_of(name: str, tmp_path: Path) -> Path:
    """Return a copy of a run's or a sweep's folder that finds its data here, as the Train page points a run from elsewhere to it."""
    folder = Path(shutil.copytree(OLD / "runs" / name, tmp_path / name))
    for plan in (*folder.rglob("run.json"), *folder.glob("sweep.json")):
        plan.write_text(plan.read_text().replace("/tmp/v0_1/data/shapes.csv", str(OLD / "data/shapes.csv")))
    return folder


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_model_says_what_it_said(name: str) -> None:
    model = load_checkpoint(OLD / "models" / name).model.eval()
    x = torch.linspace(-2, 2, 160).reshape(1, 16, 10)[:, :, : OUTPUTS[name]["features"]]

    with torch.no_grad():
        said = model(x)[0].tolist()

    assert said == pytest.approx(OUTPUTS[name]["outputs"], abs=1e-5)


@pytest.mark.parametrize(("name", "data"), [("classes", "shapes.csv"), ("values", "hours.csv")])
def test_a_checkpoint_predicts_its_file_as_it_did(name: str, data: str, tmp_path: Path) -> None:
    """Columns, windows, scaling and split are the checkpoint's: one that is lost shows in the table."""
    run("predict", "--model", OLD / f"models/{name}.safetensors", "--data", OLD / "data" / data, "--out", tmp_path / "said.csv")

    before, now = pd.read_csv(OLD / f"models/{name}_predictions.csv"), pd.read_csv(tmp_path / "said.csv")
    pd.testing.assert_frame_equal(now, before, rtol=1e-4, atol=1e-5)


def test_a_checkpoint_tells_its_columns_its_units_and_its_sizes() -> None:
    classes, values = (load_checkpoint(OLD / f"models/{name}.safetensors") for name in ("classes", "values"))

    assert isinstance(classes, Checkpoint) and isinstance(values, Checkpoint)
    assert classes.schema.outputs == ("fall", "rise", "wave") and classes.schema.unit("left") == "mm"
    assert classes.model.config.kernels == ((1, 3, 5), (3, 5, 7)) and classes.model.config.num_heads == 4
    assert values.schema.outputs == ("temp", "humid") and (values.window.length, values.window.horizon) == (12, 2)
    assert classes.command.startswith("python -m complex_lstm train --data data/shapes.csv")


def test_runs_are_listed_with_how_they_ended_and_their_curves() -> None:
    runs = {one.key: one for one in list_runs(OLD / "runs")}

    done, stopped = runs["done"], runs["stopped"]
    assert set(runs) == {"done", "stopped"}
    assert (done.plan.name, done.status.state, done.status.epoch) == ("rises and falls", "done", 12)
    assert (stopped.plan.name, stopped.status.state, stopped.can_resume) == ("stopped on the way", "stopped", True)
    assert [one.value for one in done.status.scores] == pytest.approx([2 / 3, 2 / 3])  # validation and test, as it printed
    assert sum(row.metric == "validation_loss" for row in done.rows) == 12
    assert any(row.metric.startswith("gradient") for row in done.rows) and "epoch 12 of 12" in done.log


def test_the_model_of_a_run_opens() -> None:
    for name in ("done", "stopped"):
        assert isinstance(load_checkpoint(open_run(OLD / "runs" / name).model), Checkpoint)


@pytest.mark.long
def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """Lightning wrote down the state of our callbacks by the names of their classes: another name must still find its state."""
    folder = copy_of("stopped", tmp_path)

    told = run("train", "--resume", folder)

    ended = open_run(folder)
    assert "Done: 10 epochs" in told and ended.status.state == "done"
    assert ended.log.count("epoch 1 of 10") == 1 and "epoch 4 of 10" in ended.log and "epoch 10 of 10" in ended.log
    assert sum(row.metric == "validation_loss" for row in ended.rows) == 10


def test_a_sweep_says_what_it_found(tmp_path: Path) -> None:
    told = run("sweep", "--folder", copy_of("sweep", tmp_path))

    assert "Done: 4 of 4 trials have a score." in told
    assert told.count("hidden_dim: 4: 0.3333 ± 0.0000, 8: 0.6667 ± 0.0000") == 2  # on both parts, as it printed
    assert "hidden_dim: 4: 1.1046 ± 0.0036, 8: 1.0132 ± 0.0599" in told


def test_a_sweep_that_was_stopped_trains_what_is_missing(tmp_path: Path) -> None:
    folder = copy_of("sweep", tmp_path)
    shutil.rmtree(folder / "trials/base-seed1")
    status = folder / "status.json"
    status.write_text(status.read_text().replace('"done"', '"stopped"'))

    told = run("sweep", "--folder", folder)

    trained = [line for line in told.splitlines() if " of 4, " in line]
    assert len(trained) == 1 and trained[0].startswith("3 of 4, base-seed1: Done: 6 epochs")
    assert "Done: 4 of 4 trials have a score." in told


def test_the_workspace_lists_what_was_kept() -> None:
    kept = Workspace(OLD / "workspace")

    assert {one.name for one in kept.all("data")} == {"shapes.csv", "hours.csv"}
    names = {one.name: one for one in kept.all("model")}
    assert set(names) == {"by the app", "trained on shapes.csv, shuffled", "values.safetensors", "state_dict.pt"}
    assert names["state_dict.pt"].path.suffix == ".pt" and load_checkpoint(names["by the app"].path).model.config.hidden_dim == 8
    assert len(kept.all("setup")) == 1
    assert {one.plan.name for one in list_runs(kept.folder / "runs")} == {"by the app", "trained on shapes.csv, shuffled"}
