"""From the selection to what a page shows, or to an empty state that says what to do.

The cells that are known to decide, for samples that were made.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.inference import in_data_terms
from complex_lstm.interpretation.ground_truth import true_cells
from complex_lstm.locations import PAGES
from complex_lstm.model import Checkpoint
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.state import Selection, choose, current, end_page


def open_scene() -> Scene:
    """Return the data, model and window of the selection; without them draw the empty state and end the run."""
    selection = current()
    if not selection.opened.data:
        offer_samples()
        end_page()
    if not selection.opened.model:
        _offer_model()
        end_page()
    return chosen_scene(selection)


def chosen_scene(selection: Selection) -> Scene:
    """Return the scene of a selection with data and a model. Without a window it is the first that was not trained on."""
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
    """Return what the page must say of a checkpoint that carries no scaling, else nothing."""
    return "" if isinstance(scene.checkpoint, Checkpoint) else "scaled on this file, because the checkpoint carries no scaling"


def offer_samples() -> None:
    """Say that nothing is open, and offer the samples."""
    st.info("Nothing is open yet. Open a sample with its trained model, or upload a CSV on the Data page.", icon="👋")
    with st.container(horizontal=True):
        for sample in SAMPLES.values():
            st.button(f"{sample.icon} {sample.title}", key=f"empty_{sample.key}", on_click=open_sample, args=(sample.key,))


def _offer_model() -> None:
    name = plain(cache.table(current().opened.data).name)
    st.info(f"No model is open for {name}. Train a small one on the Train page, or load a checkpoint on the Start page.", icon="🧠")
    st.page_link(page("train"), label="Go to the Train page", icon="🏋️")


def page(stem: str) -> str:
    """Return the path by which Streamlit knows a page."""
    return str(PAGES / f"{stem}.py")


def predicted_values(scene: Scene) -> np.ndarray:
    """Return the window's prediction as probabilities, or in the targets' units."""
    outputs = cache.window_trace(scene.keys, scene.number).prediction.numpy().astype(float)
    return in_data_terms(outputs, scene.dataset, np.array([scene.number]))[0]


def has_known_cells(scene: Scene) -> bool:
    """Return whether it is known for the open data which cells decide."""
    return scene.keys[0] in SAMPLES and SAMPLES[scene.keys[0]].cells.exists()


def known_cells(scene: Scene, number: int | None = None) -> np.ndarray | None:
    """Return which cells of a window decide, (time, feature), or None where nobody knows."""
    if not has_known_cells(scene):
        return None
    sample = scene.keys[0]
    cells = cache.remember("known_cells", sample, lambda: pd.read_csv(SAMPLES[sample].cells), most=4)
    return true_cells(cells, scene.dataset, scene.number if number is None else number)
