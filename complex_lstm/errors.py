"""The tree of our errors. Each message names what is wrong, where, and what to do next; only `ui` and `cli` catch them."""

import typing


class ComplexLSTMError(Exception):
    """The root: catching it catches every error that the package raises on purpose."""


class ConfigError(ComplexLSTMError):
    """A setting that no model, window or training run can have."""


class ShapeError(ComplexLSTMError):
    """A tensor or array whose shape does not fit the model or the window."""


class DtypeError(ComplexLSTMError):
    """A tensor whose number type the model's weights cannot hold exactly."""


class InterventionError(ComplexLSTMError):
    """An intervention at a place that the model does not have, or with a value that cannot stand there."""


class CheckpointError(ComplexLSTMError):
    """A checkpoint that cannot be read, cannot be read safely, or does not fit the model."""


class ExportError(ComplexLSTMError):
    """A model that cannot be written for other programs."""


class DataError(ComplexLSTMError):
    """Data that cannot become windows."""


class CsvError(DataError):
    """A file that is not a readable table.

    `switch` is the field of `complex_lstm.recipe.Reading` that may mend it, or "" where none can; `line` the line of the fault,
    or 0 where it is of no single line.
    """

    def __init__(self, message: str, *, switch: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.switch, self.line = switch, line


class RolesError(DataError):
    """A choice of columns that does not fit the file."""


class CellError(DataError):
    """One cell whose value cannot be used; the message names its line, column and value."""


class TrainingError(ComplexLSTMError):
    """A training run that cannot start or cannot go on."""


class DivergedError(TrainingError):
    """A training run whose loss or gradient is no longer a finite number.

    `best` is the training's Outcome at its best epoch so far, or None where no epoch was validated before.
    """

    best: typing.Any = None


class StorageError(TrainingError):
    """A file of a run that cannot be written: because of a full disk or a write-protected folder, for instance."""


class ExplanationError(ComplexLSTMError):
    """An explanation that does not exist for this model, method or output."""


class LimitError(ComplexLSTMError):
    """A computation that took more time or memory than there is for it."""


class Stopped(ComplexLSTMError):  # noqa: N818  # a command, and no mistake
    """A computation that was stopped by a command. What was done before is kept, and nothing has to be undone."""

    def __init__(self, message: str = "Stopped before the end. What was done by then is kept.") -> None:
        super().__init__(message)


class WorkspaceError(ComplexLSTMError):
    """Something that the workspace does not hold, or cannot write."""


class ClassroomError(ComplexLSTMError):
    """Something that a class does not let a pupil or its teacher do."""


def install_extra(extra: str) -> str:
    """Return the command that installs an optional extra, for a message that something of it is missing."""
    return f"pip install 'complex-lstm-explorer[{extra}]'"


def never_stop() -> bool:
    """Return False: the `stop` of a computation that runs to its end."""
    return False
