"""A run's settings and curves in TensorBoard, MLflow or Weights & Biases, through Lightning's own loggers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger, MLFlowLogger, TensorBoardLogger, WandbLogger

from complex_lstm.config import LogKind, ModelConfig, SplitConfig, TrainingConfig
from complex_lstm.data import Dataset
from complex_lstm.errors import Stopped, TrainingError, install_extra

TITLES: dict[LogKind, str] = {"off": "", "tensorboard": "TensorBoard", "mlflow": "MLflow", "wandb": "Weights & Biases"}
PROJECT = "complex_lstm"  # MLflow's experiment, and the project of Weights & Biases where none is named
ONLINE = "online:"  # before the project in a place that is the servers of Weights & Biases


def check_log(config: TrainingConfig, folder: Path | None) -> None:
    """Check that a run can be logged as its settings say.

    Raises:
        TrainingError: what the log needs is not installed, or it has no place: neither `log_to` nor a run's folder.
    """
    if config.log == "off":
        return
    if find_spec(config.log) is None:
        raise TrainingError(
            f"A log for {TITLES[config.log]} needs the package {config.log}, which this installation lacks: {install_extra(config.log)}"
        )
    if not config.log_to and folder is None:
        raise TrainingError(f"A log for {TITLES[config.log]} needs a place: --log-to FOLDER, or a run in a folder (--run).")


@contextmanager
def run_logger(config: TrainingConfig, facts: dict[str, Any], *, folder: Path | None, name: str) -> Iterator[Logger | None]:
    """Yield a logger that has logged the facts, or None without one, and finish its run at the end.

    It is written below `log_to`, or into the run's folder. Only two kinds of place are elsewhere: a server's address for MLflow
    (with `://`), and `online:PROJECT` for Weights & Biases, which is offline otherwise. A run that is resumed is a new run there.

    Raises:
        TrainingError: see `check_log`; or the logger cannot begin, because a server does not answer or a folder cannot be written.
    """
    check_log(config, folder)
    if config.log == "off":
        yield None
        return
    place = config.log_to or str((folder or Path()) / config.log)
    try:
        logger = _make(config.log, place, name)
        logger.experiment  # begins it: a folder is made, or a server asked  # noqa: B018
        logger.log_hyperparams(facts)
    except Exception as error:  # each library has errors of its own
        raise TrainingError(f"The log for {TITLES[config.log]} cannot begin at {place}: {error!s:.300}") from error
    try:
        yield logger
    except BaseException as error:
        _finish(logger, "success" if isinstance(error, Stopped) else "failed")
        raise
    _finish(logger, "success")


def _make(kind: LogKind, place: str, name: str) -> TensorBoardLogger | MLFlowLogger | WandbLogger:
    if kind == "tensorboard":
        return TensorBoardLogger(place, name=name, default_hp_metric=False)
    if kind == "mlflow":
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # it reports its use to its makers otherwise
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # a folder, where it would rather have a database
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # 7 take minutes before it is said that no server answers
        server = "://" in place
        return MLFlowLogger(PROJECT, run_name=name, tracking_uri=place if server else Path(place).absolute().as_uri())
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # as above
    from wandb import Settings

    quiet = Settings(console="off")  # it takes over what the process prints otherwise
    if place.startswith(ONLINE):
        return WandbLogger(name, project=place.removeprefix(ONLINE) or PROJECT, settings=quiet)
    Path(place).mkdir(parents=True, exist_ok=True)
    return WandbLogger(name, save_dir=place, project=PROJECT, offline=True, settings=quiet)


def _finish(logger: Logger, status: str) -> None:
    """End the run there: another one of this process is a run of its own."""
    logger.finalize(status)
    if isinstance(logger, WandbLogger):
        logger.experiment.finish(exit_code=0 if status == "success" else 1)


def facts_of(dataset: Dataset, model: ModelConfig, split: SplitConfig, config: TrainingConfig, command: str) -> dict[str, Any]:
    """Return all settings of a run, and what it learns from: the file's name and fingerprint, and the windows of each part."""
    parts: dict[str, Any] = {"roles": dataset.schema.roles, "window": dataset.window, "split": split, "model": model, "training": config}
    settings = {f"{part}/{name}": _plain(value) for part, held in parts.items() for name, value in asdict(held).items()}
    windows = {f"windows/{part}": len(dataset.windows.of_part(part)) for part in ("training", "validation", "test")}
    derived = ", ".join(name for one in dataset.schema.derived for name in one.names)
    data = {"data/name": dataset.table.name, "data/fingerprint": dataset.table.fingerprint, "data/derived": derived}
    return data | windows | settings | {"command": command}


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str) else str(value)
