"""The plan of a run: which model is trained on which data, and how; fixed when the run is created. Suggested epochs and batch size."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from complex_lstm.config import ModelConfig, Roles, SplitConfig, TrainingConfig, WindowConfig
from complex_lstm.data import Dataset


@dataclass(frozen=True)
class Versions:
    """The versions that a run was made with; "" where one is not known."""

    complex_lstm: str = ""
    python: str = ""
    torch: str = ""
    lightning: str = ""
    numpy: str = ""


@dataclass(frozen=True)
class Plan:
    """What a run trains, on which data, with which settings.

    `data` is the path of the file, `fingerprint` the sha256 of its bytes, `made` the time as ISO text. `units` are
    COLUMN=UNIT, for columns whose names do not contain it.
    """

    name: str
    data: str
    data_name: str
    fingerprint: str
    roles: Roles
    window: WindowConfig
    split: SplitConfig
    model: ModelConfig
    training: TrainingConfig
    units: tuple[str, ...] = ()
    versions: Versions = Versions()
    command: str = ""
    made: str = ""


def make_plan(
    dataset: Dataset,
    split: SplitConfig,
    model: ModelConfig,
    training: TrainingConfig,
    *,
    path: Path,
    name: str = "",
    units: tuple[str, ...] = (),
    command: str = "",
) -> Plan:
    """Return the plan of a run on a data set whose file is at `path`, made now and here."""
    table = dataset.table
    made = datetime.now(UTC).isoformat(timespec="milliseconds")
    return Plan(
        name or table.name, str(path.absolute()), table.name, table.fingerprint, dataset.schema.roles, dataset.window, split,
        model, training, units, versions_here(), command, made,
    )  # fmt: skip


def versions_here() -> Versions:
    """Return the versions of this installation."""
    own = version_of("complex-lstm-explorer") or "from source"
    return Versions(own, platform.python_version(), version_of("torch"), version_of("lightning"), version_of("numpy"))


def version_of(package: str) -> str:
    """Return a package's version, "" if it is not installed as a package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


STEPS = 800  # of the optimizer: enough for a first model of most files, in a minute or a few
FEW_WINDOWS = 1000


def suggest_batch_size(windows: int) -> int:
    """Return the windows of a batch: fewer where there are few, or an epoch would have hardly a step."""
    return 16 if windows < FEW_WINDOWS else 64


def suggest_epochs(windows: int) -> int:
    """Return the epochs that give a run about 800 optimizer steps: 3 to 60."""
    return min(60, max(3, round(STEPS * suggest_batch_size(windows) / max(windows, 1))))
