"""The command that all others belong to, and the kinds of path that they take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from complex_lstm.errors import ComplexLSTMError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)


class OneSentence(click.Group):
    """Shows our own errors as one sentence, and leaves every other error its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ComplexLSTMError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
def main() -> None:
    """Train a ComplexLSTM on a CSV, predict with it, and explain what it looks at.

    A CSV has a header and one row a time step. Which column is what is guessed, printed, and can be set.
    """
