"""The plan of a run: which model is trained on which data, and how; with suggestions and checks before it is made."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from complex_lstm.config import DerivedFeature, ModelConfig, Roles, SplitConfig, TrainingConfig, WindowConfig
from complex_lstm.data import Dataset
from complex_lstm.errors import TrainingError
from complex_lstm.recipe import Reading
from complex_lstm.wording import counted

FEWEST = 2  # windows to train on; with fewer there is nothing to distinguish
FEW = 30


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
    COLUMN=UNIT, for columns whose names do not contain it. `derived` are features that are made from columns. `reading` is how the
    file was read; None in runs made before that was kept: as it is read by itself.
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
    derived: tuple[DerivedFeature, ...] = ()
    reading: Reading | None = None


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
        model, training, units, versions_here(), command, made, dataset.schema.derived, table.settled_reading,
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


def check_trainable(dataset: Dataset) -> tuple[str, ...]:
    """Return warnings about training on a data set, each a sentence or two.

    Raises:
        TrainingError: the training part has fewer than two windows with an answer, or one class.
    """
    windows, is_classes = dataset.windows, dataset.schema.roles.task == "classes"
    training = windows.of_part("training")
    answered = np.isin(windows.label.astype(str), dataset.schema.classes) if is_classes else ~np.isnan(windows.actual).any(axis=1)
    known = answered[training]
    if known.sum() < FEWEST:
        raise TrainingError(
            f"The training part has {counted(int(known.sum()), 'window')} with an answer. Lower the stride or the window's length, or add "
            f"rows."
        )
    notes = []
    if known.sum() < FEW:
        notes.append(f"Only {counted(int(known.sum()), 'window')} to train on: a model learns hardly more than chance from so few.")
    if not len(windows.of_part("validation")):
        notes.append("There is no validation part: the last epoch is kept, and which one was best is not known.")
    if is_classes:
        notes += _classes_left_out(dataset, set(windows.label[training].tolist()))
    return tuple(notes)


def check_scored(dataset: Dataset) -> None:
    """Check that a model can be scored on a data set.

    Raises:
        TrainingError: it has neither a validation nor a test part.
    """
    if not len(dataset.windows.of_part("validation")) and not len(dataset.windows.of_part("test")):
        raise TrainingError(
            "There is neither a validation nor a test part: no model would have a score to compare. "
            "Shorten the windows, split the data another way, or add rows."
        )


def _classes_left_out(dataset: Dataset, present: set[str]) -> list[str]:
    classes = dataset.schema.classes
    there = [name for name in classes if name in present]
    if len(there) < 2:
        raise TrainingError(
            f"All windows of the training part have the class {there[0]}: there is nothing to distinguish. "
            f"Split the data by series or by group instead of by time, or lower the shares of validation and test."
        )
    missing = [name for name in classes if name not in present]
    if not missing:
        return []
    return [f"No window of the training part has the class {', '.join(missing)}: the model cannot learn it. Split the data another way."]
