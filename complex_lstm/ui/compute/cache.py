"""What is computed once and shared by all sessions, keyed by content hashes. Everything returned is read-only.

This is the one place that keeps results: Streamlit's cache for what stands for a file (table, checkpoint, data set), and
stores with a limit of their own for what a page works out of them (`remember`) and for traces, which are limited by their bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar, cast

import numpy as np
import streamlit as st
import torch

from complex_lstm.config import WindowConfig
from complex_lstm.data import Dataset, Table, Times, prepare_for, prepare_training, read_csv
from complex_lstm.errors import CheckpointError, never_stop
from complex_lstm.inference import Predictions, merge, predict
from complex_lstm.interpretation import ForwardFunction, ablate_features, make_request
from complex_lstm.model import BareCheckpoint, Checkpoint, ComplexLSTMModel, Trace, load_checkpoint
from complex_lstm.model.batching import Progress, silent
from complex_lstm.model.device import device_name, pick_device, settle_threads
from complex_lstm.model.hooks import Intervention
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute.setup import Setup, find_setup, suggest_setup
from complex_lstm.ui.compute.store import Store, trace_bytes
from complex_lstm.workspace import open_workspace

# Measured at hidden 256 with 8 attention heads: the trace of 50 steps has 0.8 MB, of 1,000 steps 75 MB, 61 of them attention.
# Counted in traces, 64 of each of three kinds would be 14 GB of long windows. Half a gigabyte holds 600 short ones or 6 long
# ones: a view looks at two, and a donor of the bench's patches is a third.
MOST_BYTES = 2**29

Result = TypeVar("Result")

TWIN = "_shuffled"  # after a sample's key: its twin, trained on shuffled labels
SHOWN_WINDOWS = 1500  # a longer list is thinned by its stride; the Data page can change that


@dataclass(frozen=True)
class Scene:
    """The data, the model and the window that a page shows. Its keys are what caches know it by."""

    keys: tuple[str, str, str, int]
    dataset: Dataset
    checkpoint: BareCheckpoint
    number: int

    @property
    def model(self) -> ComplexLSTMModel:
        return self.checkpoint.model

    @property
    def device(self) -> torch.device:
        """Where the model lies, and whatever is computed of the scene."""
        return self.model.gradient_scale.device

    @property
    def device_name(self) -> str:
        return device_name(self.device)

    @property
    def outputs(self) -> tuple[str, ...]:
        return self.dataset.schema.outputs

    @property
    def features(self) -> tuple[str, ...]:
        return self.dataset.schema.roles.features

    @property
    def is_classes(self) -> bool:
        return self.dataset.schema.roles.task == "classes"

    @cached_property
    def steps(self) -> slice:
        """The window's steps within its series."""
        windows = self.dataset.windows
        start = int(windows.start[self.number])
        return slice(start, start + int(windows.length[self.number]))

    @cached_property
    def times(self) -> Times:
        return self.dataset.series[int(self.dataset.windows.series[self.number])].times[self.steps]

    @cached_property
    def values(self) -> np.ndarray:
        """The window in the file's units, (time, feature), NaN where a cell is empty."""
        return self.dataset.series[int(self.dataset.windows.series[self.number])].values[self.steps]

    @cached_property
    def inputs(self) -> np.ndarray:
        """The window as the model sees it, (time, feature): filled and scaled."""
        return self.dataset.windows.inputs(np.array([self.number]))[0]


@st.cache_resource(max_entries=8, show_spinner=False)
def table(key: str) -> Table:
    """Return the table of a sample or of an upload."""
    if key in SAMPLES:
        return read_csv(SAMPLES[key].csv)
    kept = open_workspace().find("data", key)
    return read_csv(kept.path.read_bytes(), kept.name)


@st.cache_resource(show_spinner=False)
def threads() -> int:
    """Settle the number of threads, once in the life of the server, and return it."""
    return settle_threads()


@st.cache_resource(max_entries=8, show_spinner=False)
def checkpoint(key: str) -> BareCheckpoint:
    """Return the checkpoint of a sample or its twin, of an upload or of a training run, on the device in use."""
    threads()
    path = _checkpoint_path(key)
    loaded = load_checkpoint(path)
    loaded.model.to(pick_device()).requires_grad_(False)
    return loaded


@st.cache_resource(max_entries=32, show_spinner=False)
def setup(data: str, model: str, key: str) -> Setup:
    """Return the confirmed setup, else the one that a model which fits the file was trained with, else the suggested one."""
    if key:
        return find_setup(key)
    loaded = checkpoint(model) if model and fits(data, model) else None
    if isinstance(loaded, Checkpoint):
        return Setup(loaded.schema.roles, loaded.window, loaded.split)
    return suggest_setup(table(data))


@st.cache_resource(max_entries=8, show_spinner=False)
def planned(data: str, _chosen: Setup, chosen_as_text: str) -> Dataset:
    """Return the data set that a model would be trained on with a setup, which is known by its text."""
    return prepare_training(table(data), _chosen.roles, _chosen.window, _chosen.split)


@st.cache_resource(max_entries=8, show_spinner=False)
def dataset(data: str, model: str, setup_key: str, stride: int) -> Dataset:
    """Return the data set as the model wants it; a stride of 0 is the default one."""
    source, loaded = table(data), checkpoint(model)
    if isinstance(loaded, Checkpoint):
        split = loaded.split if source.fingerprint == loaded.fingerprint else None
        return prepare_for(source, loaded.schema, _strided(loaded.window, stride, source), loaded.scaling, split)
    chosen = setup(data, model, setup_key)
    made = prepare_training(source, chosen.roles, _strided(chosen.window, stride, source), chosen.split)
    _check_fit(loaded.model, made)
    return made


def all_windows(keys: tuple[str, str, str, int]) -> tuple[str, str, str, int]:
    """Return the keys of the same data, model and setup with every window that the model's own stride gives, none thinned out."""
    data, model, setup_key, _ = keys
    loaded = checkpoint(model)
    window = loaded.window if isinstance(loaded, Checkpoint) else setup(data, model, setup_key).window
    return data, model, setup_key, window.stride


@dataclass
class _Slot(Generic[Result]):
    """Room for one result, and a lock, so that two visitors do not compute it twice."""

    lock: Lock
    result: Result | None = None


@st.cache_resource(max_entries=32, show_spinner=False)
def _prediction_slot(keys: tuple[str, str, str, int], part: str) -> _Slot[Predictions]:
    return _Slot(Lock())


def part_predictions(
    keys: tuple[str, str, str, int], part: str, progress: Progress = silent, stop: Callable[[], bool] = never_stop
) -> Predictions:
    """Return the model's predictions for the windows of one part.

    Not a cached function itself: those may not draw, and the progress bar is drawn while it computes.

    Raises:
        Stopped: `stop` returned True, before one of the forward passes.
    """
    slot = _prediction_slot(keys, part)
    with slot.lock:
        if slot.result is None:
            chosen = dataset(*keys).windows.of_part(part)
            slot.result = predict(checkpoint(keys[1]).model, dataset(*keys), chosen, device=pick_device(), progress=progress, stop=stop)
        return slot.result


def predictions(keys: tuple[str, str, str, int], progress: Progress = silent) -> Predictions:
    """Return the model's predictions for all windows, part after part."""
    parts = np.unique(dataset(*keys).windows.part).tolist()
    return merge([part_predictions(keys, part, progress) for part in parts])


def window_trace(keys: tuple[str, str, str, int], number: int) -> Trace:
    """Return the trace of one window, a batch of one, on the CPU."""
    return cached_trace(("window", keys, number), keys, dataset(*keys).windows.inputs(np.array([number]))[0])


def cached_trace(key: Hashable, keys: tuple[str, str, str, int], x: np.ndarray, interventions: Sequence[Intervention] = ()) -> Trace:
    """Return the trace of a window as the model sees it, under interventions, on the CPU. `key` must tell all of it from others."""

    def make() -> Trace:
        model = checkpoint(keys[1]).model
        return on_cpu(model.trace(torch.from_numpy(x)[None].to(pick_device()), interventions=interventions))

    return _traces().find(key, make)


@st.cache_resource(show_spinner=False)
def _traces() -> Store[Trace]:
    return Store(MOST_BYTES, trace_bytes)


def remember(kind: str, key: Hashable, make: Callable[[], Result], *, most: int = 64) -> Result:
    """Return what `make` computes, kept for all sessions under a kind and a key: the last `most` results of each kind.

    The key must tell it from all others of its kind, so it names data, model and setup by their hashes (`Scene.keys`).
    """
    return cast(Result, _store(kind, most).find(key, make))


@st.cache_resource(show_spinner=False)
def _store(kind: str, most: int) -> Store[Any]:
    return Store(most)


def feature_ablation(keys: tuple[str, str, str, int], number: int, output: int) -> np.ndarray:
    """Return the ablation of whole features against the training mean: a tenth of the time of an explanation with cells."""

    def make() -> np.ndarray:
        return ablate_features(ForwardFunction(checkpoint(keys[1]).model, make_request(dataset(*keys), number, output), pick_device()))

    return remember("feature_ablation", (keys, number, output), make, most=256)


def _checkpoint_path(key: str) -> Path:
    if key in SAMPLES:
        return SAMPLES[key].checkpoint
    twins = {f"{sample.key}{TWIN}": sample.shuffled_control for sample in SAMPLES.values() if sample.shuffled_control.exists()}
    return twins[key] if key in twins else open_workspace().find("model", key).path


def fits(data: str, model: str) -> bool:
    """Return whether a file has every column that a model wants; weights alone fit whatever the Data page gives them."""
    loaded = checkpoint(model)
    if not isinstance(loaded, Checkpoint):
        return True
    roles = loaded.schema.roles
    return {*roles.features, *(roles.targets if loaded.window.as_change else ())} <= set(table(data).frame)


def _strided(window: WindowConfig, stride: int, source: Table) -> WindowConfig:
    return replace(window, stride=stride or max(window.stride, len(source.frame) // SHOWN_WINDOWS))


def _check_fit(model: ComplexLSTMModel, made: Dataset) -> None:
    features, outputs = len(made.schema.roles.features), len(made.schema.outputs)
    if (model.config.input_dim, model.config.output_dim) != (features, outputs):
        raise CheckpointError(
            f"The checkpoint takes {model.config.input_dim} features and gives {model.config.output_dim} outputs; the columns chosen "
            f"on the Data page give {features} and {outputs}. Choose the features and the target that it was trained on."
        )


def on_cpu(trace: Trace) -> Trace:
    """Return a trace on the CPU, which is where the pages look at it."""

    def move(value: object) -> object:
        return tuple(map(move, value)) if isinstance(value, tuple) else value.cpu()  # type: ignore[attr-defined]

    return Trace(**{name: move(value) for name, value in vars(trace).items()})  # type: ignore[arg-type]
