"""The command sweep: one setting varied at a time around a training, and how sensitive the score is to each."""

from __future__ import annotations

import logging
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import numpy as np

from complex_lstm.cli.data_options import training_data
from complex_lstm.cli.group import NEW_FOLDER, main
from complex_lstm.cli.training import config_from, current_name, train
from complex_lstm.config import ModelConfig, TrainingConfig
from complex_lstm.errors import ConfigError
from complex_lstm.model.device import settle_threads
from complex_lstm.runs import make_plan
from complex_lstm.runs.atomic_files import SEARCH
from complex_lstm.runs.plan import check_scored
from complex_lstm.runs.search import SAMPLERS, Search, SearchPlan, best_first, create_search, make_search, open_search, with_trials
from complex_lstm.runs.sensitivity import in_words, measures_of, sensitivity, swept_settings
from complex_lstm.runs.sweep import SWEEPABLE, Sweep, Varied, create_sweep, make_sweep, open_sweep, suggest_values

if TYPE_CHECKING:
    from complex_lstm.training.each_run import Workers

MOST_LISTED = 10  # trials of a search
ONLY_TRAIN = (
    "out", "calibrate", "run_folder", "resume", "queue", "devices", "nodes", "process_strategy", "snapshots", "shuffle_labels",
)  # fmt: skip


@main.command(
    params=[option for option in train.params if option.name not in ONLY_TRAIN],
    context_settings={"token_normalize_func": current_name},
)
@click.option("--folder", type=NEW_FOLDER, required=True, help="Keep the sweep in this folder. One that is there already is resumed.")
@click.option(
    "--vary",
    "varied",
    multiple=True,
    metavar="SETTING=VALUE,...",
    help=f"Values of a setting: {', '.join(SWEEPABLE)}. Repeat it. [default: each setting, around the values of the other options]",
)
@click.option("--seeds", type=click.IntRange(1, 100), default=3, help="Trials of each value, counted up from --seed.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, help="Trials that are trained at once, each in a process of its own.")
@click.option(
    "--engine",
    type=click.Choice(["processes", "ray"]),
    default="processes",
    help="Where the workers are: processes of this machine, or of a Ray cluster, which find the data and the folder at the same paths.",
)
@click.option(
    "--sampler",
    type=click.Choice(SAMPLERS),
    help="Let this sampler of Optuna's draw all settings of a trial together, instead of one varied at a time. Takes the extra optuna.",
)
@click.option("--trials", type=click.IntRange(1, 10_000), help="Trials in all, with --sampler. [default: 20, or those of the folder]")
@click.option("--queue", type=NEW_FOLDER, help="Let each trial wait until no earlier run in a folder under this one is under way.")
def sweep(
    folder: Path,
    varied: tuple[str, ...],
    seeds: int,
    workers: int,
    engine: Literal["processes", "ray"],
    sampler: str | None,
    trials: int | None,
    queue: Path | None,
    data: Path | None,
    name: str,
    units: tuple[str, ...],
    **options: Any,
) -> None:
    """Train with one setting varied at a time, several seeds each, and print how much the score depends on it.

    With --sampler the settings are varied together, to find the lowest validation loss; the folder then holds Optuna's storage.

    The other options are those of train: the settings that are not varied. The same command again resumes the folder's sweep,
    and so does --folder alone.
    """
    from complex_lstm.training.each_run import Workers  # Lightning's import takes seconds, which the other commands need not wait
    from complex_lstm.training.sweep import train_sweep

    team = Workers(workers, engine)
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # it prints the same few lines for every trial
    if data is None and (folder / SEARCH).exists():
        found_search = open_search(folder)
        _search(with_trials(found_search, trials or found_search.plan.trials), queue, team)
        return
    if data is None:
        found = open_sweep(folder)
    else:
        dataset, split = training_data(data, units, options)
        check_scored(dataset)
        roles, command = dataset.schema.roles, f"python -m complex_lstm {shlex.join(sys.argv[1:])}"
        size = config_from(ModelConfig, options, input_dim=len(roles.features), output_dim=len(dataset.schema.outputs))
        base = make_plan(dataset, split, size, config_from(TrainingConfig, options), path=data, name=name, units=units)
        values = tuple(map(_read_varied, varied)) or suggest_values(size)
        if sampler is not None:
            kept = open_search(folder).plan.trials if (folder / SEARCH).exists() else SearchPlan.trials
            plan = make_search(base, values, sampler, trials=trials or kept, command=command)
            _search(create_search(folder, plan), queue, team)
            return
        found = create_sweep(folder, make_sweep(base, values, seeds=seeds, command=command))
    settle_threads(found.plan.hidden_dim)
    ended = train_sweep(found, queue=queue, report=click.echo, workers=team)
    click.echo(f"\n{folder}: {ended.status.message}")
    _print_sensitivity(ended)


def _search(found: Search, queue: Path | None, team: Workers) -> None:
    """Train a search and print its best trials."""
    from complex_lstm.training.search import train_search

    settle_threads(found.plan.hidden_dim)
    ended = train_search(found, queue=queue, report=click.echo, workers=team)
    click.echo(f"\n{found.folder}: {ended.status.message} The lowest validation loss first:")
    trained = [one for one in best_first(ended.tried) if not one.is_repeat]  # of the others is told above
    for one in trained[:MOST_LISTED]:
        drawn = ", ".join(f"{name} {value}" for name, value in one.values.items())
        click.echo(f"  {'no loss' if np.isnan(one.loss) else f'{one.loss:.4f}'}: {drawn} ({one.run.key})")


def _read_varied(text: str) -> Varied:
    """Return a setting and its values from text such as hidden_dim=32,64."""
    setting, _, values = text.partition("=")
    found = tuple(value.strip() for value in values.split(",") if value.strip())
    if not found:
        raise ConfigError(f"{text!r} is not SETTING=VALUE,... as in hidden_dim=32,64,128.")
    return Varied(setting.strip(), found)


def _print_sensitivity(found: Sweep) -> None:
    runs = found.runs
    for measure in measures_of(runs):
        click.echo(f"\n{measure}, mean of the seeds ± standard deviation:")
        for swept in swept_settings(found, runs, measure):
            means = ", ".join(_mean(value, scores) for value, scores in zip(swept.values, swept.scores, strict=True))
            click.echo(f"  {swept.setting}: {means}\n    {in_words(sensitivity(swept.scores))}")


def _mean(value: str, scores: np.ndarray) -> str:
    known = scores[~np.isnan(scores)]
    if not len(known):
        return f"{value}: no score"
    return f"{value}: {known.mean():.4f}" + (f" ± {known.std(ddof=1):.4f}" if len(known) > 1 else "")
