"""What is computed once and shared by all sessions of a visitor, and of samples by all visitors. Everything returned is read-only.

All results are kept here, keyed by content hashes and apart for each visitor (`visitor.apart`): the last of what is read from a file
(table, checkpoint, data set), and in stores with a limit of their own what pages compute from that (`remember`), and traces, whose
bytes are limited.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
import streamlit as st
import torch

from complex_lstm.config import COLDEST, HOTTEST, WindowConfig, from_json, to_json
from complex_lstm.data import (
    Dataset,
    Examination,
    Guess,
    Offer,
    Table,
    examine,
    fit_table,
    guess_roles,
    lacking_columns,
    prepare_bare,
    prepare_for,
    prepare_training,
    suggest,
)
from complex_lstm.data.cells import offers
from complex_lstm.errors import CheckpointError, CsvError, never_stop
from complex_lstm.inference import Predictions, in_data_terms, merge, predict
from complex_lstm.interpretation import ForwardFunction, ablate_features, make_request
from complex_lstm.model import BareCheckpoint, Checkpoint, Trace, load_checkpoint
from complex_lstm.model.batching import Progress, silent
from complex_lstm.model.device import pick_device, settle_threads
from complex_lstm.model.hooks import Intervention
from complex_lstm.recipe import Fitting
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import AS_IT_IS, Setup
from complex_lstm.ui.compute.sources import find_source
from complex_lstm.ui.compute.store import Store, bytes_of
from complex_lstm.ui.compute.visitor import apart, open_workspace

# Measured at hidden 256 with 8 attention heads: the trace of 50 steps has 0.8 MB, of 1,000 steps 75 MB, 61 of them attention.
# Counted in traces, 64 of each of three kinds would be 14 GB of long windows. Half a gigabyte holds 600 short ones or 6 long
# ones: a view needs two, and a patch in Experiment the trace of a third window.
MOST_BYTES = 2**29
PREDICTION_BYTES = 2**28  # a million windows with three outputs have 80 MB, and take minutes
MOST_FILES = 8  # that are kept as they are read
KIND_BYTES = 2**25  # of each other kind of result that is remembered

P = ParamSpec("P")
Result = TypeVar("Result")

TWIN = "_shuffled"  # after a sample's key: its shuffled-label control
AT = "~"  # after a model's key: a temperature that its probabilities are calibrated by, in place of its own
SHOWN_WINDOWS = 1500  # of more, a larger stride shows only some; the Data page can change that


def kept(most: int) -> Callable[[Callable[P, Result]], Callable[P, Result]]:
    """Return what keeps the last `most` results of a function by its arguments; a setup is not looked at: its text stands beside it."""

    def decorate(make: Callable[P, Result]) -> Callable[P, Result]:
        @wraps(make)
        def find(*args: P.args, **kwargs: P.kwargs) -> Result:
            names = tuple(one for one in args if not isinstance(one, Setup))
            found = _last(make.__qualname__, most).find(apart((names, *sorted(kwargs.items()))), lambda: make(*args, **kwargs))
            return cast(Result, found)

        return find

    return decorate


@st.cache_resource(show_spinner=False)
def _last(name: str, most: int) -> Store[Any]:
    return Store(most)


def table(key: str) -> Table:
    """Return the table of a sample or of an upload, read as its key says.

    Raises:
        CsvError: it cannot be read like that.
    """
    found = examination(key)
    if found.table is None:
        raise CsvError(found.fault.message if found.fault else f"{key} holds no table.")
    return found.table


def examination(key: str) -> Examination:
    """Return what was found in a sample or an upload, read as its key says: how, why, what is offered, and its table or what is wrong."""
    return _examinations().find(apart(key), lambda: _examine(key))


def keep_examination(key: str, found: Examination) -> None:
    """Keep what was found in a file for all that ask for it by its key, so that it is read once."""
    _examinations().find(apart(key), lambda: found)


@st.cache_resource(show_spinner=False)
def _examinations() -> Store[Examination]:
    return Store(MOST_FILES)


def _examine(key: str) -> Examination:
    source = find_source(key)
    if source.reading is not None and source.said:
        found = examine(source.path, source.name, **{name: getattr(source.reading, name) for name in source.said})
        if found.reading == source.reading:  # so the switches that nobody has set keep their reasons
            return found
    return examine(source.path, source.name, source.reading)


def is_readable(key: str) -> bool:
    """Return whether a sample or an upload is a table as it is read now: where it is not, the Data page says why, and mends it."""
    return examination(key).table is not None


@kept(8)
def fitted_table(key: str, setup_key: str) -> Table:
    """Return the table with the renames and conversions of a setup; as it is without one."""
    return fit_table(table(key), find_setup(setup_key).fitting) if setup_key else table(key)


@st.cache_resource(show_spinner=False)
def threads() -> int:
    """Set the number of threads, once in the life of the server, and return it."""
    return settle_threads()


def at_temperature(model: str, temperature: float | None) -> str:
    """Return the key of a model whose probabilities are calibrated by a temperature; its own key where there is none."""
    return model if temperature is None else f"{model}{AT}{temperature:g}"


def split_temperature(key: str) -> tuple[str, float | None]:
    """Return a model's own key, and the temperature that stands beside it, if one does."""
    model, _, temperature = key.partition(AT)
    return model, read_temperature(temperature)


def without_temperature(keys: tuple[str, str, str, int]) -> tuple[str, str, str, int]:
    """Return the keys of a scene whose model has its own temperature: what hangs on no probability is the same there."""
    return keys[0], split_temperature(keys[1])[0], *keys[2:]


def read_temperature(text: str) -> float | None:
    """Return the temperature in a link, None where the text is none that can be used."""
    try:
        value = round(float(text), 4)
    except ValueError:
        return None
    return value if COLDEST <= value <= HOTTEST else None


@kept(8)
def checkpoint(key: str) -> BareCheckpoint:
    """Return the checkpoint of a sample or its shuffled-label control, of an upload or of a training run, on the device in use."""
    own, temperature = split_temperature(key)
    if temperature is not None:
        loaded = checkpoint(own)
        calibrated = isinstance(loaded, Checkpoint) and replace(loaded, scaling=replace(loaded.scaling, temperature=temperature))
        return calibrated or loaded
    threads()
    path, name = checkpoint_file(key)
    loaded = load_checkpoint(path, name=name)
    loaded.model.to(pick_device()).requires_grad_(False)
    return loaded


def checkpoint_file(key: str) -> tuple[Path, str]:
    """Return the file of a model, whatever its temperature here, and what its owner calls it."""
    own = split_temperature(key)[0]
    controls = {f"{sample.key}{TWIN}": sample.shuffled_control for sample in SAMPLES.values() if sample.shuffled_control.exists()}
    shipped = {sample.key: sample.checkpoint for sample in SAMPLES.values()} | controls
    if own in shipped:
        return shipped[own], shipped[own].name
    kept = open_workspace().find("model", own)
    return kept.path, kept.name


@kept(32)
def setup(data: str, model: str, key: str) -> Setup:
    """Return the confirmed setup, else that of the model if it fits the file, else the suggested one."""
    if key:
        return find_setup(key)
    loaded = checkpoint(model) if model and fits(data, model) else None
    if isinstance(loaded, Checkpoint):
        return Setup(loaded.schema.roles, loaded.window, loaded.split, derived=loaded.schema.derived)
    return suggested_setup(data)


@kept(8)
def suggested_setup(data: str) -> Setup:
    """Return the setup that suits a file."""
    roles = guess(data, AS_IT_IS).roles
    return Setup(roles, *suggest(table(data), roles))


def guess(data: str, fitting: Fitting) -> Guess:
    """Return the guessed roles of a file with the renames and conversions of a fitting."""
    return remember("guess", (data, fitting), lambda: guess_roles(fit_table(table(data), fitting)), most=8)


def cell_offers(data: str, fitting: Fitting) -> tuple[Offer, ...]:
    """Return what is offered for the cells of a file with the renames and conversions of a fitting, and not done."""
    if fitting == AS_IT_IS:
        return tuple(one for one in examination(data).offers if not one.taken)

    def make() -> tuple[Offer, ...]:
        fitted = fit_table(table(data), fitting)
        return offers(fitted.frame, fitted.reading)

    return remember("cell_offers", (data, fitting), make)


def keep_setup(setup: Setup) -> str:
    """Store a setup in the workspace and return its key."""
    return open_workspace().keep("setup", to_json(setup).encode(), "setup").key


def find_setup(key: str) -> Setup:
    """Return the setup with a key."""
    return from_json(Setup, open_workspace().find("setup", key).path.read_bytes().decode(errors="replace"))


@kept(8)
def planned(data: str, _chosen: Setup, chosen_as_text: str) -> Dataset:
    """Return the data set that a model would be trained on with a setup, whose text is the key."""
    source = fit_table(table(data), _chosen.fitting)
    return prepare_training(source, _chosen.roles, _chosen.window, _chosen.split, _chosen.derived)


@kept(8)
def prepared_bare(data: str, _chosen: Setup, chosen_as_text: str) -> Dataset:
    """Return the data set that a model of which only the weights are known reads with a setup, whose text is the key."""
    return prepare_bare(table(data), _chosen.roles, _chosen.window, _chosen.given_scaling, _chosen.classes)


@kept(8)
def dataset(data: str, model: str, setup_key: str, stride: int) -> Dataset:
    """Return the data set as the model needs it; a stride of 0 is the default one.

    Raises:
        CheckpointError: the model has other numbers of inputs and outputs than the chosen columns.
    """
    own, temperature = split_temperature(model)
    if temperature is not None:
        made = dataset(data, own, setup_key, stride)
        return replace(made, scaling=replace(made.scaling, temperature=temperature))
    source, loaded = fitted_table(data, setup_key), checkpoint(model)
    if isinstance(loaded, Checkpoint):
        split = loaded.split if source.fingerprint == loaded.fingerprint else None
        return prepare_for(source, loaded.schema, _strided(loaded.window, stride, source), loaded.scaling, split)
    chosen = setup(data, model, setup_key)
    made = prepare_bare(source, chosen.roles, _strided(chosen.window, stride, source), chosen.given_scaling, chosen.classes)
    if words := misfit(loaded, len(made.schema.roles.features), len(made.schema.outputs)):
        raise CheckpointError(words)
    return made


def misfit(loaded: BareCheckpoint, features: int, outputs: int) -> str:
    """Return in words that a model has other numbers of inputs and outputs than the columns, "" where it has the same."""
    config = loaded.model.config
    if (config.input_dim, config.output_dim) == (features, outputs):
        return ""
    return (
        f"The checkpoint takes {config.input_dim} features and gives {config.output_dim} outputs; the columns chosen "
        f"on the Data page give {features} and {outputs}. Choose the features and the target that it was trained on."
    )


def all_windows(keys: tuple[str, str, str, int]) -> tuple[str, str, str, int]:
    """Return the keys of the same data, model and setup with every window that the model's own stride gives, none thinned out."""
    data, model, setup_key, _ = keys
    loaded = checkpoint(model)
    window = loaded.window if isinstance(loaded, Checkpoint) else setup(data, model, setup_key).window
    listed = dataset(*keys).window.stride
    return keys if listed == window.stride else (data, model, setup_key, window.stride)  # the same windows are not predicted twice


def _strided(window: WindowConfig, stride: int, source: Table) -> WindowConfig:
    return replace(window, stride=stride or max(window.stride, len(source.frame) // SHOWN_WINDOWS))


def part_predictions(
    keys: tuple[str, str, str, int], part: str, progress: Progress = silent, stop: Callable[[], bool] = never_stop
) -> Predictions:
    """Return the model's predictions for the windows of one part.

    Not a cached function itself: those may not draw, and the progress bar is drawn while it computes.

    Raises:
        Stopped: `stop` returned True, before one of the forward passes.
    """

    own = without_temperature(keys)

    def make() -> Predictions:
        if own != keys:  # another temperature asks for no forward pass
            found = part_predictions(own, part, progress, stop)
            return replace(found, predicted=in_data_terms(found.outputs, dataset(*keys), found.chosen))
        chosen = dataset(*keys).windows.of_part(part)
        own_model = checkpoint(keys[1]).model
        return computed(predict, own_model, dataset(*keys), chosen, device=pick_device(), progress=progress, stop=stop)

    return cast(Predictions, _store("predictions", PREDICTION_BYTES).find(apart((keys, part)), make))


def predictions(keys: tuple[str, str, str, int], progress: Progress = silent, stop: Callable[[], bool] = never_stop) -> Predictions:
    """Return the model's predictions for all windows, part after part.

    Raises:
        Stopped: `stop` returned True, before one of the forward passes.
    """
    parts = np.unique(dataset(*keys).windows.part).tolist()
    return merge([part_predictions(keys, part, progress, stop) for part in parts])


def window_trace(keys: tuple[str, str, str, int], number: int, stop: Callable[[], bool] = never_stop) -> Trace:
    """Return the trace of one window, a batch of one, on the CPU.

    Raises:
        Stopped: `stop` returned True, within a long window.
    """
    return cached_trace(("window", keys, number), keys, dataset(*keys).windows.inputs(np.array([number]))[0], stop=stop)


def cached_trace(
    key: Hashable,
    keys: tuple[str, str, str, int],
    x: np.ndarray,
    interventions: Sequence[Intervention] = (),
    stop: Callable[[], bool] = never_stop,
) -> Trace:
    """Return the trace of a window as the model sees it, under interventions, on the CPU. `key` must identify all of these."""

    def make() -> Trace:
        model = checkpoint(keys[1]).model
        return on_cpu(model.trace_any(torch.from_numpy(x)[None].to(pick_device()), interventions, stop))

    return cast(Trace, _store("traces", MOST_BYTES).find(apart(key), make))


def remember(kind: str, key: Hashable, make: Callable[[], Result], *, most: int = 64) -> Result:
    """Return what `make` computes, kept for all sessions of the visitor under a kind and a key.

    Of each kind the last `most` results are kept, or 32 MB of them. The key must be unique within its kind, so it
    names data, model and setup by their hashes (`Scene.keys`).
    """
    return cast(Result, _store(kind, KIND_BYTES, least=KIND_BYTES // most).find(apart(key), make))


@st.cache_resource(show_spinner=False)
def _store(kind: str, limit: int, least: int = 0) -> Store[Any]:
    """Return the results of a kind, of so many bytes together; each counts as `least` bytes or more."""
    return Store(limit, lambda made: max(bytes_of(made), least))


def feature_ablation(keys: tuple[str, str, str, int], number: int, output: int) -> np.ndarray:
    """Return the ablation of whole features against the training mean: a tenth of the time of an explanation with cells."""

    def make() -> np.ndarray:
        return ablate_features(ForwardFunction(checkpoint(keys[1]).model, make_request(dataset(*keys), number, output), pick_device()))

    return remember("feature_ablation", (keys, number, output), make, most=256)


def fits(data: str, model: str, setup_key: str = "") -> bool:
    """Return whether a file, with the fitting of a setup, has every column that a model needs; weights without a schema fit any file."""
    return not lacking(data, model, setup_key)


def lacking(data: str, model: str, setup_key: str = "") -> tuple[str, ...]:
    """Return the columns that a model needs and a file, with the fitting of a setup, lacks."""
    loaded = checkpoint(model)
    if not isinstance(loaded, Checkpoint):
        return ()
    return lacking_columns(loaded.schema, fitted_table(data, setup_key), needs_targets=loaded.window.as_change)


def on_cpu(trace: Trace) -> Trace:
    """Return a trace on the CPU, where the pages read it."""

    def move(value: object) -> object:
        return tuple(map(move, value)) if isinstance(value, tuple) else value.cpu() if isinstance(value, torch.Tensor) else value

    return replace(trace, **{name: move(value) for name, value in vars(trace).items()})  # type: ignore[arg-type]
