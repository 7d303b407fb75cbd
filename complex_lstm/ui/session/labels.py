"""Names of data, models and windows as the visitor knows them."""

from __future__ import annotations

from functools import cache

import numpy as np
import streamlit as st

from complex_lstm.config import ModelConfig
from complex_lstm.inference import window_frame
from complex_lstm.profiling.counting import count_size
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.session.messages import plain
from complex_lstm.workspace import Kind, open_workspace

UPLOADS, MODELS = "session_uploads", "session_models"


def remember(kind: str, key: str) -> None:
    """Offer an upload or a model in this session's lists."""
    known = st.session_state.setdefault(kind, [])
    if key not in known:
        known.append(key)


def describe_window(scene: Scene, *, escaped: bool = True) -> str:
    """Return where a scene's window stands: series, times, part. Markdown needs it `escaped`, a canvas does not."""
    row = window_frame(scene.dataset, np.array([scene.number])).iloc[0]
    roles = scene.dataset.schema.roles
    part = "new to the model" if row.part == "new" else f"{row.part} part"
    time = "" if scene.times.dtype.kind == "M" else f"{roles.time or 'step'} "
    words = f"{roles.series} {row.series}, {time}{row.first_time} to {row.last_time}, {part}".strip()
    return plain(words) if escaped else words


def title_of(kind: Kind, key: str) -> str:
    """Return the title of a sample, or the name that something kept was given."""
    return SAMPLES[key].title if key in SAMPLES else open_workspace().find(kind, key).name


def model_name(key: str) -> str:
    """Return a model's name as the visitor knows it."""
    return title_of("model", key) + (" (shipped)" if key in SAMPLES else "")


@cache
def size_sentence(model: ModelConfig) -> str:
    """Return the sizes of a model in words, as they stand under its figures."""
    blocks = f"{model.num_lstm_layers} BiLSTM block{'s' if model.num_lstm_layers > 1 else ''}"
    heads = f"{model.num_heads} attention head{'s' if model.num_heads > 1 else ''}"
    return f"{model.hidden_dim} channels · {blocks} · {heads} · {count_size(model).parameters:,} parameters"
