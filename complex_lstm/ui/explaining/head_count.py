"""The number of attention heads that a file of weights does not tell: what follows from each, and the form that asks for it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.data.units import digits
from complex_lstm.inference import Predictions, predict
from complex_lstm.model.checkpoint import checkpoint_bytes, head_choices, with_num_heads
from complex_lstm.model.device import pick_device
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job, JobFunction
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.explaining.part_scores import window_errors
from complex_lstm.ui.session.listing import unthinned
from complex_lstm.ui.session.messages import caption, keep_errors, plain
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.session.scene import MODELS, add_to_list, model_name
from complex_lstm.ui.session.state import choose

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
    """Draw, if the model's file does not tell its attention heads, how many are assumed, and behind a button the choice.

    With a scene each number can be tried on its data.
    """
    checkpoint = cache.checkpoint(key)
    config = checkpoint.model.config
    if "num_heads" not in checkpoint.guessed:
        return
    with st.container(key="head_count_asked", horizontal=True, vertical_alignment="center"):
        st.warning(
            f"**How many attention heads has {plain(model_name(key))}?** Its file does not say: {config.num_heads} are assumed.",
            icon="❔",
            width="stretch",
        )
        with st.popover("Choose the number", icon="🔢", width="content"):
            st.markdown(
                f"The weights look the same with any number that divides their {config.hidden_dim} channels. With a wrong one the model "
                f"gives other predictions, without an error."
            )
            _show_choices(key, head_choices(config.hidden_dim), scene)


def _show_choices(key: str, choices: tuple[int, ...], scene: Scene | None) -> None:
    """Draw the numbers that fit, what each gives on the data where that was tried, and the choice of one."""
    config = cache.checkpoint(key).model.config
    rows: list[dict[str, object]] = [{"attention heads": heads, "channels of each": config.hidden_dim // heads} for heads in choices]
    place = st.empty()
    if scene:
        name, run = _comparison(scene, choices)
        job: Job[tuple[Tried, ...]] | None = job_on_request("head_count", name, run, label="Try each number on this file")
        if job is not None and job.state == "done":
            for row, one in zip(rows, job.result, strict=True):
                row |= {"mean error": digits(one.error) if np.isfinite(one.error) else "no answers known"}
                row |= {"outputs moved by": f"{one.moved:.0%}"}
            _explain_trial(job.result, len(unthinned(scene).dataset.windows), config.num_heads)
    place.dataframe(pd.DataFrame(rows), hide_index=True, key="head_count_table", alt="What follows from each number of attention heads")
    chosen = f"{CHOSEN}_{key}"
    st.selectbox("It was trained with", choices, index=None, placeholder="choose the number of attention heads", key=chosen)
    st.button("Use this number", key=f"{CHOSEN}_use", icon="✅", on_click=_use, args=(key,), disabled=not st.session_state[chosen])


def _explain_trial(tried: tuple[Tried, ...], windows: int, assumed: int) -> None:
    least = min(tried, key=lambda one: one.error if np.isfinite(one.error) else np.inf)
    hint = (
        f"least with {least.heads}: a hint and no proof, a wrong number may be better by chance" if np.isfinite(least.error) else "unknown"
    )
    caption(
        windows=f"all {windows:,}",
        error=f"{hint}. In training standard deviations; of classes 1 minus the probability of the right one",
        moved=f"mean distance of the outputs from those with {assumed}, as a share of their spread over these windows",
    )


@keep_errors
def _use(key: str) -> None:
    """Keep the model with the chosen number, marked as given by the visitor, and open it in place of the other."""
    checkpoint = with_num_heads(cache.checkpoint(key), st.session_state[f"{CHOSEN}_{key}"])
    kept = open_workspace().keep("model", checkpoint_bytes(checkpoint), model_name(key), suffix=".safetensors")
    if key in (opened := st.session_state.get(MODELS, [])):
        opened.remove(key)
    add_to_list(MODELS, kept.key)
    choose(model=kept.key)


def _comparison(scene: Scene, choices: tuple[int, ...]) -> tuple[Hashable, JobFunction]:
    keys, checkpoint = unthinned(scene).keys, scene.checkpoint

    def run(job: Job[tuple[Tried, ...]]) -> tuple[Tried, ...]:
        dataset = cache.dataset(*keys)
        found: dict[int, Predictions] = dict(job.earlier or {})
        count, before = len(dataset.windows), len(found)
        job.skipped = before * count
        for heads in choices[before:]:
            done = len(found) * count
            found[heads] = predict(
                with_num_heads(checkpoint, heads).model, dataset, device=pick_device(), stop=job.must_stop,
                progress=partial(_report, job, done, len(choices) * count),
            )  # fmt: skip
            job.partial = found
        assumed = found[checkpoint.model.config.num_heads].outputs
        spread = assumed.std(axis=0).mean()
        return tuple(
            Tried(heads, float(_mean(window_errors(dataset, one))), float(np.abs(one.outputs - assumed).mean() / spread) if spread else 0.0)
            for heads, one in found.items()
        )

    return keys, run


def _report(job: Job[Any], before: int, total: int, done: int, _: int) -> None:
    job.report_progress(before + done, total)


def _mean(errors: np.ndarray) -> float:
    return float(np.nanmean(errors)) if np.isfinite(errors).any() else float("nan")
