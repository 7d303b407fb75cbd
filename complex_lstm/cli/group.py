"""The command that all others belong to, and the kinds of path that they take."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from complex_lstm import __version__
from complex_lstm.errors import ComplexLSTMError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)

# Each command, the module that adds it to the group, and what it does: torch's import takes seconds, which --help need not wait for.
COMMANDS = {
    "app": ("complex_lstm.cli.dashboard", "Start the dashboard, and open it in the browser."),
    "calibrate": (
        "complex_lstm.cli.calibrating",
        "Fit the temperature of a classifier's probabilities, and write a checkpoint that holds it.",
    ),
    "check": (
        "complex_lstm.cli.checking",
        "Check a model on a CSV, or on many files: scores, worst slices and shift as a report, and an exit status.",
    ),
    "explain": ("complex_lstm.cli.applying", "Write how important each feature (or cell) is, by one method."),
    "export": ("complex_lstm.cli.exporting", "Write a model for other programs: as ONNX, or as a state dict."),
    "info": (
        "complex_lstm.cli.info",
        "Print what a file holds: the data report of a CSV, or a checkpoint's sizes, inputs, outputs and origin.",
    ),
    "predict": ("complex_lstm.cli.applying", "Predict every window of a CSV, or of many files."),
    "serve": ("complex_lstm.cli.serving", "Serve the dashboard to others: a class, a laboratory, a site."),
    "serve-predict": (
        "complex_lstm.cli.serving_predictions",
        "Answer with a model's predictions over HTTP, for a stream of single windows.",
    ),
    "sweep": (
        "complex_lstm.cli.sweeping",
        "Train with one setting varied at a time, several seeds each, and print how much the score depends on it.",
    ),
    "train": ("complex_lstm.cli.training", "Train a model on a CSV and write a checkpoint, a run folder, or both."),
}


class LazyGroup(click.Group):
    """Imports a command's module when the command is needed.

    Our own errors are shown as one sentence; every other error keeps its traceback.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            import_module(COMMANDS[cmd_name][0])
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ComplexLSTMError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.version_option(__version__, prog_name="complex-lstm")
def main() -> None:
    """Train a ComplexLSTM on a CSV, predict with it, and explain what it looks at.

    A CSV has a header and one row a time step. Which column is what is guessed, printed, and can be set.
    """
