"""From the selection to the data, model and window that a page shows, or to an empty state with the next step.

Also their names on the screen, and the deciding cells of the synthetic samples, where they are known.
"""

from __future__ import annotations

from functools import cache as cached

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.config import ModelConfig
from complex_lstm.inference import in_data_terms, window_frame
from complex_lstm.interpretation.ground_truth import true_cells
from complex_lstm.locations import PAGES
from complex_lstm.model import Checkpoint
from complex_lstm.profiling.counting import count_size
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.state import Selection, choose, current, end_page
from complex_lstm.workspace import Kind, open_workspace

UPLOADS, MODELS = "session_uploads", "session_models"


def open_scene() -> Scene:
    """Return the data, model and window of the selection; without them draw the empty state and end the run."""
    selection = current()
    if not selection.opened.data:
        offer_samples()
        end_page()
    if not selection.opened.model:
        name = plain(cache.table(selection.opened.data).name)
        st.info(f"No model is open for {name}. Train a small one on the Train page, or load a checkpoint on the Start page.", icon="🧠")
        st.page_link(page("train"), label="Go to the Train page", icon="🏋️")
        end_page()
    return chosen_scene(selection)


def chosen_scene(selection: Selection) -> Scene:
    """Return the scene of a selection with data and a model. Without a window it is the first of the test part."""
    keys = (selection.opened.data, selection.opened.model, selection.opened.setup, selection.opened.stride or 0)
    made = cache.dataset(*keys)
    unseen = made.windows.of_part("test")
    first = int(unseen[0]) if len(unseen) else 0
    number = first if selection.opened.window is None else min(selection.opened.window, len(made.windows) - 1)
    return Scene(keys, made, cache.checkpoint(selection.opened.model), number)


def open_sample(key: str) -> None:
    """Select a sample with its checkpoint."""
    choose(data=key, model=key, setup="")


def target_of(scene: Scene) -> int:
    """Return the output that is explained: the selected one, else the predicted class, else the first value."""
    selected = current().explanation.target
    if selected is not None and selected < len(scene.outputs):
        return selected
    return int(cache.window_trace(scene.keys, scene.number).prediction[0].argmax()) if scene.is_classes else 0


def target_label(scene: Scene, output: int) -> str:
    """Return what is explained, in words: a class, a value, or its change since the window's last step."""
    name = scene.outputs[output]
    return f"{name}, as its change since the last step" if not scene.is_classes and scene.dataset.window.as_change else name


def unit_of(scene: Scene, output: int) -> str:
    """Return the unit of an explained output: the target's, or logit for a class."""
    return "logit" if scene.is_classes else scene.dataset.schema.unit(scene.outputs[output]) or scene.outputs[output]


def scaling_note(scene: Scene) -> str:
    """Return a note for a checkpoint without a scaling of its own, else ""."""
    return "" if isinstance(scene.checkpoint, Checkpoint) else "scaled on this file, because the checkpoint carries no scaling"


def offer_samples() -> None:
    """Show that nothing is open, and a button for each sample."""
    st.info("Nothing is open yet. Open a sample with its trained model, or upload a CSV on the Data page.", icon="👋")
    with st.container(horizontal=True):
        for sample in SAMPLES.values():
            st.button(f"{sample.icon} {sample.title}", key=f"empty_{sample.key}", on_click=open_sample, args=(sample.key,))


def page(stem: str) -> str:
    """Return the path of a page's file, which is its name in Streamlit."""
    return str(PAGES / f"{stem}.py")


def predicted_values(scene: Scene) -> np.ndarray:
    """Return the window's prediction as probabilities, or in the targets' units."""
    outputs = cache.window_trace(scene.keys, scene.number).prediction.numpy().astype(float)
    return in_data_terms(outputs, scene.dataset, np.array([scene.number]))[0]


def has_known_cells(scene: Scene) -> bool:
    """Return whether it is known for the open data which cells decide."""
    return scene.keys[0] in SAMPLES and SAMPLES[scene.keys[0]].cells.exists()


def known_cells(scene: Scene, number: int | None = None) -> np.ndarray | None:
    """Return which cells of a window decide, (time, feature), or None where this is not known."""
    if not has_known_cells(scene):
        return None
    sample = scene.keys[0]
    cells = cache.remember("known_cells", sample, lambda: pd.read_csv(SAMPLES[sample].cells), most=4)
    return true_cells(cells, scene.dataset, scene.number if number is None else number)


def add_to_list(kind: str, key: str) -> None:
    """Add an upload or a model to this session's lists, from which the sidebar offers it."""
    known = st.session_state.setdefault(kind, [])
    if key not in known:
        known.append(key)


def describe_window(scene: Scene, *, escaped: bool = True) -> str:
    """Return where a scene's window lies: series, times, part. Markdown needs it `escaped`, a canvas does not."""
    row = window_frame(scene.dataset, np.array([scene.number])).iloc[0]
    roles = scene.dataset.schema.roles
    part = "new to the model" if row.part == "new" else f"{row.part} part"
    time = "" if scene.times.dtype.kind == "M" else f"{roles.time or 'step'} "
    words = f"{roles.series} {row.series}, {time}{row.first_time} to {row.last_time}, {part}".strip()
    return plain(words) if escaped else words


def title_of(kind: Kind, key: str) -> str:
    """Return the title of a sample, or the name of an upload or a model in the workspace."""
    return SAMPLES[key].title if key in SAMPLES else open_workspace().find(kind, key).name


def model_name(key: str) -> str:
    """Return a model's name on the screen."""
    return title_of("model", key) + (" (shipped)" if key in SAMPLES else "")


@cached
def size_sentence(model: ModelConfig) -> str:
    """Return the sizes of a model in words, for captions."""
    blocks = f"{model.num_lstm_layers} BiLSTM block{'s' if model.num_lstm_layers > 1 else ''}"
    heads = f"{model.num_heads} attention head{'s' if model.num_heads > 1 else ''}"
    return f"{model.hidden_dim} channels · {blocks} · {heads} · {count_size(model).parameters:,} parameters"
