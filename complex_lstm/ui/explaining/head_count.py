"""The number of attention heads that a file of weights does not tell: what follows from each, and the form that asks for it."""

from __future__ import annotations

import tempfile
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.data.units import digits
from complex_lstm.inference import Predictions, predict
from complex_lstm.model import save_checkpoint
from complex_lstm.model.checkpoint import head_choices, with_num_heads
from complex_lstm.model.device import pick_device
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job, JobFunction
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import window_errors
from complex_lstm.ui.session.messages import caption, keep_errors, plain
from complex_lstm.ui.session.page_jobs import is_awaited, request_job
from complex_lstm.ui.session.progress import rerun_when_done
from complex_lstm.ui.session.scene import MODELS, add_to_list, model_name
from complex_lstm.ui.session.state import choose
from complex_lstm.workspace import open_workspace

MOST_WINDOWS = 64  # on which the choices are compared
CHOSEN = "head_count"


@dataclass(frozen=True)
class Tried:
    """What one number of attention heads gives on some windows.

    `error` is the mean of `window_errors`, NaN where no answer is known; `moved` how far the outputs lie from those of the assumed
    number, as a share of their spread over the windows.
    """

    heads: int
    error: float
    moved: float


def ask_head_count(key: str, scene: Scene | None = None) -> None:
    """Draw the choice of the number of attention heads, if the model's file does not tell it; beside each what it gives on the data."""
    checkpoint = cache.checkpoint(key)
    config = checkpoint.model.config
    if "num_heads" not in checkpoint.guessed:
        return
    choices = head_choices(config.hidden_dim)
    st.warning(
        f"**How many attention heads has {plain(model_name(key))}?** Its file does not say, and its weights look the same with any number "
        f"that divides its {config.hidden_dim} channels. {config.num_heads} are assumed here. With another number than it was trained with "
        f"it gives other predictions, without an error.",
        icon="❔",
    )
    tried = _try_all(scene, choices) if scene else None
    rows: list[dict[str, object]] = [{"attention heads": heads, "channels of each": config.hidden_dim // heads} for heads in choices]
    if tried:
        for row, one in zip(rows, tried, strict=True):
            row |= {
                "mean error": digits(one.error) if np.isfinite(one.error) else "no answers known",
                "outputs moved by": f"{one.moved:.0%}",
            }
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="head_count_table", alt="What follows from each number of attention heads")
    if tried and scene:
        least = min(tried, key=lambda one: one.error if np.isfinite(one.error) else np.inf)
        advice = (
            f"The error is least with {least.heads}: a hint and no proof, a wrong number may be better by chance. "
            if np.isfinite(least.error)
            else ""
        )
        count = min(MOST_WINDOWS, len(scene.dataset.windows))
        caption(
            method=f"{advice}Each number is tried on {count} windows, spread over the file",
            error="absolute, in training standard deviations; of classes 1 minus the probability of the right one",
            moved=f"mean distance of the outputs from those with {config.num_heads}, as a share of their spread over these windows",
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "It was trained with", choices, index=None, placeholder="choose the number of attention heads", key=f"{CHOSEN}_{key}", width=320
        )
        st.button(
            "Use this number", key=f"{CHOSEN}_use", icon="✅", on_click=_use, args=(key,), disabled=not st.session_state[f"{CHOSEN}_{key}"]
        )


@keep_errors
def _use(key: str) -> None:
    """Keep the model with the chosen number, marked as given by the visitor, and open it in place of the other."""
    checkpoint = with_num_heads(cache.checkpoint(key), st.session_state[f"{CHOSEN}_{key}"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.safetensors"
        save_checkpoint(checkpoint, path)
        kept = open_workspace().keep("model", path.read_bytes(), model_name(key), suffix=".safetensors")
    if key in (opened := st.session_state.get(MODELS, [])):
        opened.remove(key)
    add_to_list(MODELS, kept.key)
    choose(model=kept.key)


def _try_all(scene: Scene, choices: tuple[int, ...]) -> tuple[Tried, ...] | None:
    """Return what each choice gives on some windows of the file, or None while that is computed."""
    key, run = _comparison(scene, choices)
    job: Job[tuple[Tried, ...]] = request_job(key, run)
    if is_awaited(job):
        caption(tried="each number is tried on this file ...")
        rerun_when_done(job)
        return None
    return job.result if job.state == "done" else None


def _comparison(scene: Scene, choices: tuple[int, ...]) -> tuple[Hashable, JobFunction]:
    keys, checkpoint = scene.keys, scene.checkpoint

    def run(job: Job[tuple[Tried, ...]]) -> tuple[Tried, ...]:
        dataset = cache.dataset(*keys)
        count = len(dataset.windows)
        chosen = np.unique(np.linspace(0, count - 1, min(count, MOST_WINDOWS)).round().astype(int))
        found: dict[int, Predictions] = {}
        for number, heads in enumerate(choices):
            job.report_progress(number, len(choices))
            model = with_num_heads(checkpoint, heads).model
            found[heads] = predict(model, dataset, chosen, device=pick_device(), stop=job.must_stop)
        assumed = found[checkpoint.model.config.num_heads].outputs
        spread = assumed.std(axis=0).mean()
        return tuple(
            Tried(heads, float(_mean(window_errors(dataset, one))), float(np.abs(one.outputs - assumed).mean() / spread) if spread else 0.0)
            for heads, one in found.items()
        )

    return ("head_count", keys), run


def _mean(errors: np.ndarray) -> float:
    return float(np.nanmean(errors)) if np.isfinite(errors).any() else float("nan")
