"""What a run trains on what, and how: fixed when it is made."""

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
    """A run as it was asked for.

    `data` is the path of the file, `fingerprint` the sha256 of its bytes, `made` the time as ISO text. `units` are
    COLUMN=UNIT, for columns whose names tell none.
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
