"""Runs that are logged for TensorBoard, MLflow and Weights & Biases."""

import dataclasses
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from complex_lstm.cli import main
from complex_lstm.config import LogKind, TrainingConfig
from complex_lstm.errors import TrainingError
from complex_lstm.runs import Plan, create_run
from complex_lstm.training import fit
from complex_lstm.training.run import train_run
from complex_lstm.training.run_logger import check_log
from tests.training.planted import BY_SERIES, SMALL, planted_dataset

SHORT = TrainingConfig(epochs=2, batch_size=16)


def with_log(plan: Plan, kind: LogKind, place: str = "") -> Plan:
    return dataclasses.replace(plan, training=dataclasses.replace(plan.training, epochs=2, log=kind, log_to=place))


@pytest.mark.long
def test_tensorboard_gets_the_curves_of_the_run_its_settings_and_the_datas_fingerprint(plan: Plan, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = train_run(create_run(tmp_path / "one", with_log(plan, "tensorboard")))

    (events,) = (run.folder / "tensorboard").rglob("events.out.tfevents.*")
    logged = EventAccumulator(str(events.parent)).Reload()
    for metric in ("loss", "validation_loss"):
        values = [row.value for row in run.rows if row.metric == metric]
        assert [one.value for one in logged.Scalars(metric)] == pytest.approx(values, rel=1e-6) and len(values) == 2
    settings = (events.parent / "hparams.yaml").read_text()
    assert f"data/fingerprint: {plan.fingerprint}" in settings and "training/seed: 0" in settings and "window/length: 12" in settings
    assert "roles/targets: ('temp',)" in settings and "windows/training: " in settings


def test_a_run_without_a_folder_is_logged_where_it_is_told(tmp_path: Path) -> None:
    for _ in range(2):
        fit(planted_dataset(), SMALL, BY_SERIES, dataclasses.replace(SHORT, log="tensorboard", log_to=str(tmp_path / "logs")))

    assert len(list((tmp_path / "logs" / "planted").rglob("events.out.tfevents.*"))) == 2


@pytest.mark.long
def test_logging_changes_nothing_of_the_model(tmp_path: Path) -> None:
    plain = fit(planted_dataset(), SMALL, BY_SERIES, SHORT).checkpoint.model.state_dict()
    logged = fit(planted_dataset(), SMALL, BY_SERIES, dataclasses.replace(SHORT, log="tensorboard", log_to=str(tmp_path)))

    assert all(value.equal(plain[name]) for name, value in logged.checkpoint.model.state_dict().items())


def test_mlflow_gets_the_same(plan: Plan, tmp_path: Path) -> None:
    client = pytest.importorskip("mlflow.tracking").MlflowClient
    run = train_run(create_run(tmp_path / "one", with_log(plan, "mlflow")))

    found = client((run.folder / "mlflow").as_uri())
    (kept,) = found.search_runs([one.experiment_id for one in found.search_experiments() if one.name == "complex_lstm"])
    assert kept.data.params["data/fingerprint"] == plan.fingerprint and kept.info.status == "FINISHED"
    measured = [one.value for one in found.get_metric_history(kept.info.run_id, "validation_loss")]
    assert measured == pytest.approx([row.value for row in run.rows if row.metric == "validation_loss"], rel=1e-6)


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    pytest.importorskip("mlflow")
    nobody = dataclasses.replace(SHORT, log="mlflow", log_to="http://127.0.0.1:9")

    with pytest.raises(TrainingError, match="The log for MLflow cannot begin at http://127.0.0.1:9: "):
        fit(planted_dataset(), SMALL, BY_SERIES, nobody)


def test_weights_and_biases_stays_offline_unless_it_is_told_to_go_online(plan: Plan, tmp_path: Path) -> None:
    pytest.importorskip("wandb")
    for name in ("one", "other"):  # each a run of its own, though of one process
        run = train_run(create_run(tmp_path / name, with_log(plan, "wandb")))

        (kept,) = (run.folder / "wandb" / "wandb").glob("offline-run-*/run-*.wandb")
        assert plan.fingerprint.encode() in kept.read_bytes() and b"validation_loss" in kept.read_bytes()
    assert os.environ["WANDB_ERROR_REPORTING"] == "false"


@pytest.mark.parametrize(("kind", "title"), [("tensorboard", "TensorBoard"), ("mlflow", "MLflow"), ("wandb", "Weights & Biases")])
def test_what_is_missing_is_said_before_anything_is_trained(
    kind: LogKind, title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, kind, None)  # as in an installation without it

    with pytest.raises(TrainingError) as caught:
        check_log(dataclasses.replace(SHORT, log=kind), tmp_path)

    assert str(caught.value) == (
        f"A log for {title} needs the package {kind}, which this installation lacks: pip install 'complex-lstm-explorer[{kind}]'"
    )


def test_a_log_without_a_place_is_refused() -> None:
    with pytest.raises(TrainingError, match=r"A log for TensorBoard needs a place: --log-to FOLDER, or a run in a folder"):
        fit(planted_dataset(), SMALL, BY_SERIES, dataclasses.replace(SHORT, log="tensorboard"))


def test_a_place_that_cannot_be_written_is_told_and_no_run_begins(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(TrainingError, match="The log for TensorBoard cannot begin at "):
        fit(planted_dataset(), SMALL, BY_SERIES, dataclasses.replace(SHORT, log="tensorboard", log_to=str(tmp_path / "file")))


@pytest.mark.long
def test_the_command_line_logs_a_training(weather: Path, tmp_path: Path) -> None:
    small = ["--hidden=8", "--heads=2", "--lstm-layers=1", "--epochs=1", "--window=12", "--target=temp", "--task=values"]
    where = ["--out", str(tmp_path / "m.safetensors"), "--log", "tensorboard", "--log-to", str(tmp_path / "logs")]

    told = CliRunner().invoke(main, ["train", "--data", str(weather), *small, *where], catch_exceptions=False)

    assert told.exit_code == 0, told.output
    assert len(list((tmp_path / "logs" / "weather").rglob("events.out.tfevents.*"))) == 1
