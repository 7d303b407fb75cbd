"""Parameters and memory: the claimed and the counted numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.config import ModelConfig
from complex_lstm.figures.claims import parameter_bars
from complex_lstm.profiling import KINDS, ModelSize, activation_bytes, count_size
from complex_lstm.profiling.counting import (
    BYTES,
    STATED_BATCH,
    STATED_BILSTM_PARAMETERS,
    STATED_ELEMENTS,
    STATED_MEMORY,
    STATED_PARAMETERS,
    STATED_STEPS,
)
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.views.claims.subject import FULL_SIZE, STEPS, FullSizeModel, Subject

MANY = 64  # windows of a batch


def show_parameters(subject: Subject) -> None:
    """Draw the number of parameters of each kind of part, and list that of each part."""
    counted = count_size(FULL_SIZE)
    own = None if isinstance(subject, FullSizeModel) else count_size(subject.config)
    show_figure(
        parameter_bars(
            ("The whole", *KINDS),
            _of_kinds(counted),
            _of_kinds(own) if own else None,
            np.array([STATED_PARAMETERS, *(STATED_BILSTM_PARAMETERS if kind == "BiLSTM blocks" else np.nan for kind in KINDS)], float),
            title="",
        ),
        key="claims_parameters",
        config={"displayModeBar": False},
        alt="Parameters of every kind of part, claimed and counted",
    )
    caption(
        method="counted on the model's tensors, without allocating them",
        full_size=_sizes(FULL_SIZE),
        this_model="" if isinstance(subject, FullSizeModel) else f"{subject.name}: {_sizes(subject.config)}",
    )
    block = next(one.parameters for one in counted.parts if one.part.kind == "BiLSTM blocks")
    reading(
        f"At full size the model has {counted.parameters:,} parameters, {counted.parameters / STATED_PARAMETERS:.1f} times the claimed "
        f"number. One BiLSTM block alone has {block:,}: about what is claimed for the whole model.",
        "More parameters need not mean a better or slower model: those of the ensemble are used once a window, the others at each step.",
    )
    with st.expander("Every part"):
        _list_parts(counted, own)


def show_memory(subject: Subject) -> None:
    """List the memory for weights, training and the values of a trace."""
    time = STEPS if isinstance(subject, FullSizeModel) else len(subject.window)
    own = None if isinstance(subject, FullSizeModel) else subject.config
    counted, sized = count_size(FULL_SIZE), count_size(own) if own else None
    stated = {"batch": STATED_BATCH, "time": STATED_STEPS}
    rows = [
        *(
            (
                f"all values of a trace, {batch} window{'s' if batch > 1 else ''} of {steps} steps",
                _in_words(STATED_MEMORY) if {"batch": batch, "time": steps} == stated else "",
                activation_bytes(FULL_SIZE, batch=batch, time=steps),
                activation_bytes(own, batch=batch, time=steps) if own else None,
            )
            for batch, steps in dict.fromkeys(((STATED_BATCH, STATED_STEPS), (1, time), (MANY, time)))
        ),
        ("weights, single precision", "", counted.weights, sized.weights if sized else None),
        ("training by AdamW, without a window", "", counted.training, sized.training if sized else None),
    ]
    values = activation_bytes(FULL_SIZE, **stated)
    frame = pd.DataFrame(
        [(what, claim, _in_words(full), _in_words(size) if size else "") for what, claim, full, size in rows],
        columns=["what", "claimed", "at full size", "this model"],
    )
    st.dataframe(
        frame.drop(columns=[] if own else ["this model"]),
        hide_index=True,
        key="claims_memory",
        alt="Memory of weights, training and values, claimed and counted",
    )
    caption(method="4 bytes a number; the values are those that a trace keeps, with the attention weights")
    reading(
        f"The document counts {STATED_ELEMENTS:,} values, {_in_words(STATED_ELEMENTS * BYTES)}, for {STATED_BATCH} windows of "
        f"{STATED_STEPS} steps, from the input, one hidden state and one layer's attention. A trace of as many windows has "
        f"{values // BYTES:,} values, {_in_words(values)}: it keeps the hidden state after each part, and the attention of both layers.",
        "The claimed memory is that of values, not of weights, which take more. A forward pass needs less than a trace, because it frees "
        "values as it goes; training needs more, because it also keeps the gates of the LSTMs.",
    )


def _of_kinds(size: ModelSize) -> np.ndarray:
    return np.array([size.parameters, *(size.of_kind(kind) for kind in KINDS)])


def _sizes(config: ModelConfig) -> str:
    return (
        f"{config.input_dim} features, {config.hidden_dim} channels, {config.num_lstm_layers} BiLSTM blocks, "
        f"{config.num_heads} attention heads, {config.output_dim} outputs"
    )


def _list_parts(counted: ModelSize, own: ModelSize | None) -> None:
    sizes = {"at full size": counted} | ({"this model": own} if own else {})
    columns = {name: {one.part.label: one.parameters for one in size.parts} for name, size in sizes.items()}
    frame = pd.DataFrame({"part": list(dict.fromkeys(part for counts in columns.values() for part in counts))})
    for name, counts in columns.items():
        frame[name] = [counts.get(part, 0) for part in frame["part"]]
    frame["share"] = frame[name] / frame[name].sum()
    st.dataframe(
        frame,
        hide_index=True,
        key="claims_parts",
        alt="Parameters of every part",
        column_config={
            "at full size": st.column_config.NumberColumn(format="localized"),
            "this model": st.column_config.NumberColumn(format="localized"),
            "share": st.column_config.NumberColumn(format="percent"),
        },
        height=35 * (len(frame) + 1) + 3,
    )


def _in_words(count: float) -> str:
    """Return a number of bytes as text, in powers of ten."""
    return f"{count / 1e9:.3g} GB" if count >= 1e9 else f"{count / 1e6:.3g} MB" if count >= 1e6 else f"{count / 1e3:.3g} kB"
