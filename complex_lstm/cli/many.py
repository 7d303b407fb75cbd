"""The commands that take a checkpoint to files, for many of them: the options, the run, and what is said at its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import click
import pandas as pd
from tqdm import tqdm

from complex_lstm import __version__
from complex_lstm.cli.group import FILE, NEW_FILE
from complex_lstm.cli.opening import read_fitting
from complex_lstm.cli.reading_options import read_recipe
from complex_lstm.data import fingerprint
from complex_lstm.disk import sweep
from complex_lstm.errors import ConfigError
from complex_lstm.many_files.finding import SourceFile, find_files, is_many
from complex_lstm.many_files.job import Job, Outcome, in_this_process
from complex_lstm.many_files.on_ray import on_ray
from complex_lstm.many_files.parts import Made, part_path
from complex_lstm.many_files.processes import in_processes
from complex_lstm.model.device import core_count
from complex_lstm.runs.atomic_files import atomic_write
from complex_lstm.wording import counted, form

LISTING, COLUMNS = "_files.csv", ("file", "state", "rows", "result", "notes", "reason")
MOST_NAMED = 20  # files in a list on the terminal: all of them stand in the listing
Engine = Literal["local", "ray"]


class FileOrFiles(click.ParamType):
    """A file that is there, a folder, or a pattern of files."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return it as a path; of a pattern what fits it is looked for later."""
        return Path(value) if is_many(Path(value)) else FILE.convert(value, param, ctx)


FILES = FileOrFiles()
OUT = click.Path(path_type=Path)  # a file, or a folder for the parts of many files


def many_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options for many files."""
    command = click.option(
        "--engine",
        type=click.Choice(["local", "ray"]),
        help="Share many files among processes of this machine, or of the Ray cluster that RAY_ADDRESS names (a local one without it); "
        "ray needs the extra `ray`. [default: local]",
    )(command)
    return click.option(
        "--workers",
        type=click.IntRange(min=1),
        help="Processes that share many files, each with the model loaded. The parts are the same. [default: 1]",
    )(command)


def are_many(data: Path, workers: int | None, engine: Engine | None) -> bool:
    """Return whether a command is to write parts into a folder: for several files, or where it is asked to share the work."""
    return is_many(data) or workers is not None or engine is not None


def as_file(out: Path | None) -> None:
    """Check that the result of one file goes into a file.

    Raises:
        click.BadParameter: it is a folder.
    """
    if out is not None:
        NEW_FILE.convert(out, next(one for one in click.get_current_context().command.params if one.name == "out"), None)


def identity_of(checkpoint: Path, options: dict[str, Any]) -> str:
    """Return what the parts of a command depend on beside their files: its name, version, model and options, files by their bytes.

    Raises:
        click.BadParameter: an option for every file that is not written as it should be.
    """
    read_fitting(options["renames"], options["conversions"])
    read_recipe(options)
    by_bytes = {name: fingerprint(value.read_bytes()) if isinstance(value, Path) else value for name, value in options.items()}
    command = click.get_current_context().command.name
    return json.dumps([command, __version__, fingerprint(checkpoint.read_bytes()), by_bytes], sort_keys=True)


def absolute(options: dict[str, Any]) -> dict[str, Any]:
    """Return options whose paths hold from any folder."""
    return {name: value.absolute() if isinstance(value, Path) else value for name, value in options.items()}


def in_our_words(make: Callable[[SourceFile], Made]) -> Callable[[SourceFile], Made]:
    """Return a function that raises an error of ours where an option does not fit a file, so that the other files go on."""

    def made(file: SourceFile) -> Made:
        try:
            return make(file)
        except click.ClickException as error:
            raise ConfigError(error.format_message()) from error

    return made


def run_many(job: Job, data: Path, out: Path | None, workers: int | None, engine: Engine | None) -> tuple[Outcome, ...]:
    """Do a job for the files that `data` stands for, into the folder `out`; print what became of them, and return it.

    The same command again goes on where it was stopped: a part stays where its file, the model and the options are the same.

    Raises:
        ConfigError: `out` is no folder that can be written, or lies among the files; no Ray.
        DataError: there is no file.
    """
    found = find_files(data)
    folder = _folder_for_parts(out, data, found.files)
    if found.left_out:
        click.echo(f"{counted(len(found.left_out), 'file')} left out, by the ending no table: {_listed(found.left_out)}.", err=True)
    files = tuple(replace(one, path=one.path.absolute()) for one in found.files)
    outcomes: list[Outcome] = []
    with tqdm(total=len(files), unit="file", desc=str(click.get_current_context().info_name)) as bar:

        def done(outcome: Outcome) -> None:
            outcomes.append(outcome)
            bar.update()

        if engine == "ray":
            on_ray(job, files, folder, workers or core_count(), done)
        elif workers is not None and workers > 1:
            in_processes(job, files, folder, workers, core_count(), done)
        else:
            in_this_process(job, files, folder, core_count(), done)
    outcomes.sort(key=lambda one: one.file)
    _report(outcomes, files, folder)
    return tuple(outcomes)


def _folder_for_parts(out: Path | None, data: Path, files: tuple[SourceFile, ...]) -> Path:
    """Return the folder for the parts, made where it is not there, and without what a killed process has left."""
    if out is None:
        raise click.UsageError("Missing option '--out': the parts of many files need a folder.")
    if out.exists() and not out.is_dir():
        raise ConfigError(f"{out} is a file, and the parts of many files need a folder. Choose another --out.")
    if not out.exists() and ".csv" in (one.lower() for one in out.suffixes):
        single = "" if is_many(data) else " For one table of one file leave --workers and --engine out."
        raise ConfigError(f"{out} is the name of a file, and parts need a folder. Choose another --out.{single}")
    folder = out.absolute()
    above = {parent for one in files for parent in one.path.absolute().parents}
    if folder in above or (data.is_dir() and data.absolute() in folder.parents):
        raise ConfigError(f"{out} lies among the files that are read, which would have the parts read the next time. Choose another --out.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error.strerror}. Choose another --out.") from error
    sweep(folder, deep=True)
    return folder


def _report(outcomes: list[Outcome], files: tuple[SourceFile, ...], out: Path) -> None:
    """Write the listing of the files, and print the sums, which files have notes, and the failures."""
    lines = [
        (one.file, "failed" if one.reason else "part", one.rows, one.told.words, " ".join(one.told.notes), one.reason) for one in outcomes
    ]
    atomic_write(out / LISTING, pd.DataFrame(lines, columns=list(COLUMNS)).to_csv(index=False))
    whole, kept = [one for one in outcomes if not one.reason], [one for one in outcomes if one.state == "kept"]
    before = f", of which {len(kept):,} {form(len(kept), 'is', 'are')} kept from before" if kept else ""
    rows = counted(sum(one.rows for one in whole), "row")
    click.echo(f"{out}: {counted(len(whole), 'part')} with {rows}{before}; {LISTING} has what is said of each file.")
    if noted := [one.file for one in whole if one.told.notes]:
        click.echo(f"{counted(len(noted), 'file')} with notes: {_listed(noted)}.", err=True)
    expected = {part_path(out, one) for one in files}
    if strangers := [str(one.relative_to(out)) for one in sorted(out.rglob("*.parquet")) if one not in expected]:
        of = form(len(strangers), "part is of no file", "parts are of no file")
        click.echo(f"{len(strangers):,} {of} of this run: {_listed(strangers)}. Delete what is not wanted.", err=True)
    if failed := [one for one in outcomes if one.reason]:
        click.echo(f"{len(failed):,} of {counted(len(outcomes), 'file')} failed:", err=True)
        width = max(len(one.file) for one in failed[:MOST_NAMED])
        for one in failed[:MOST_NAMED]:
            click.echo(f"  {one.file:{width}}  {one.reason}", err=True)
        if len(failed) > MOST_NAMED:
            click.echo(f"  and {len(failed) - MOST_NAMED:,} more, which {LISTING} names.", err=True)


def _listed(names: list[str] | tuple[str, ...]) -> str:
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"
