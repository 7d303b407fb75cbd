"""The card of a model that is open without data: its config, its layers, its weights, its idle units, and a random window to look at."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.config import ModelConfig
from complex_lstm.data.units import digits
from complex_lstm.inference import softmax
from complex_lstm.interpretation.head_maps import map_heads
from complex_lstm.model import BareCheckpoint, Checkpoint, Trace
from complex_lstm.model.device import device_name, pick_device
from complex_lstm.profiling.counting import count_size, parts_of
from complex_lstm.profiling.weights import LayerUnits, idle_units, random_windows, weights_by_part
from complex_lstm.settings import as_text, settings_of
from complex_lstm.ui.components.attention_map import AttentionView, attention_canvas, content_of
from complex_lstm.ui.compute import cache
from complex_lstm.ui.explaining.head_count import ask_head_count
from complex_lstm.ui.explaining.taking_model import offer_model
from complex_lstm.ui.session.figures import file_name
from complex_lstm.ui.session.many_columns import listed
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.scene import model_name, page, size_sentence

PROBES, STEPS = 64, 50  # random windows on which units are watched, and their time steps
MOST_STEPS = 200
VIEW = "card_attention_view"


def show_model_card(key: str) -> None:
    """Draw what can be said of a model without data."""
    checkpoint = cache.checkpoint(key)
    config = checkpoint.model.config
    st.header(plain(model_name(key)), anchor=False)
    st.markdown(f"{size_sentence(config)}. {_reads(checkpoint)} Open a file to see what it predicts.")
    with st.container(horizontal=True):
        st.page_link(page("start"), label="Open a file or a sample", icon="📂")
        st.page_link(page("train"), label="Train a model", icon="🏋️")
    ask_head_count(key)
    for note in checkpoint.notes:
        st.caption(plain(note))
    with st.container(key="view-card"):
        left, right = st.columns([2, 3])
        with left:
            _show_config(checkpoint)
        with right:
            _show_weights(key, checkpoint)
        _show_layers(checkpoint)
        _show_idle(key, checkpoint)
        _show_random_window(key, checkpoint)
    offer_model(key)


def _reads(checkpoint: BareCheckpoint) -> str:
    config = checkpoint.model.config
    if not isinstance(checkpoint, Checkpoint):
        return (
            f"The file holds weights alone: they take {config.input_dim} inputs and give {config.output_dim} outputs, and do not say of "
            f"what, nor by which means and deviations the inputs were scaled."
        )
    roles, what = checkpoint.schema.roles, "the class" if checkpoint.schema.roles.task == "classes" else "values"
    outputs = plain(listed(checkpoint.schema.outputs))
    heat = checkpoint.scaling.temperature
    calibrated = f" Its probabilities are calibrated by a temperature of {heat:.3g}." if heat != 1 else ""
    return f"It reads {plain(listed(roles.features))}, and predicts {what}: {outputs}.{calibrated}"


def _show_config(checkpoint: BareCheckpoint) -> None:
    st.subheader("Sizes")
    config = checkpoint.model.config
    rows = [
        {
            "size": one.label,
            "value": as_text(getattr(config, one.name)),
            "from": "guessed" if one.name in checkpoint.guessed else "given by you" if one.name in checkpoint.given else "the file",
        }
        for one in settings_of(ModelConfig)
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="card_config", alt="The sizes of the model, and which of them are guessed")


def _show_weights(key: str, checkpoint: BareCheckpoint) -> None:
    st.subheader("Parameters and norms by part")
    size = count_size(checkpoint.model.config)
    parts = cache.remember("card_weights", key, lambda: weights_by_part(checkpoint.model))
    rows = [
        {"part": one.label, "parameters": one.parameters, "norm": one.norm, "root mean square": one.norm / one.parameters**0.5,
         "largest": one.largest} for one in parts
    ]  # fmt: skip
    table = pd.DataFrame(rows).style.format({"parameters": "{:,}", "norm": "{:.4g}", "root mean square": "{:.3g}", "largest": "{:.3g}"})
    st.dataframe(table, hide_index=True, key="card_weights", alt="Parameters of each part, with the Euclidean norm of its weights")
    caption(
        parameters=f"{size.parameters:,}",
        weights=f"{size.weights / 1e6:.1f} MB in single precision",
        norm="Euclidean, of all weights of the part",
    )


def _show_layers(checkpoint: BareCheckpoint) -> None:
    """Draw the parts in the order of the forward pass with their tensors."""
    st.subheader("Layers, from the input to the output")
    model, rows = checkpoint.model, []
    named = dict(model.named_parameters())
    for part in parts_of(model.config):
        for name, value in named.items():
            if name.startswith(part.prefixes):
                used = "" if part.sites else "never reached: too few BiLSTM blocks"
                rows.append(
                    {
                        "part": part.label,
                        "tensor": name,
                        "shape": " × ".join(map(str, value.shape)),
                        "parameters": value.numel(),
                        "note": used,
                    }
                )
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, height=280, key="card_layers", alt="Every tensor of the model in order, with its shape"
    )


def _show_idle(key: str, checkpoint: BareCheckpoint) -> None:
    st.subheader("Dead and constant units")

    def make() -> tuple[LayerUnits, ...]:
        return idle_units(checkpoint.model, random_windows(checkpoint.model, windows=PROBES, steps=STEPS, seed=0))

    layers = cache.remember("card_idle", key, make)
    silent, constant, units = (sum(getattr(one, name) for one in layers) for name in ("silent", "constant", "units"))
    closed = sum(one.closed or 0 for one in layers)
    st.markdown(
        f"Of {units:,} ReLU units **{silent:,} never fire** and {constant:,} more give one same value; "
        f"**{closed:,}** convolution channels have a BatchNorm scale near zero."
    )
    rows = [
        {"layer": one.layer, "units": one.units, "never fire": one.silent, "constant": one.constant,
         "BatchNorm scale near 0": "" if one.closed is None else str(one.closed)} for one in layers
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=220, key="card_idle", alt="Each layer of ReLU units with its idle ones")
    reading(
        f"Measured in one pass over {PROBES} random windows of {STEPS} steps (standard normal, seed 0): a unit never fires if it is 0 at "
        "every step of every window, and is constant if it moves by less than a millionth; a BatchNorm scale is near zero below a "
        "thousandth of the largest of its layer.",
        "Random windows are not data: a unit that is silent on them may fire on real series, whose steps depend on each other.",
    )


def _show_random_window(key: str, checkpoint: BareCheckpoint) -> None:
    st.subheader("A random window, not data")
    left, right = st.columns(2)
    seed = int(left.number_input("Seed of the random numbers", 0, 10_000, 0, key="card_seed"))
    steps = int(right.number_input("Time steps", 2, MOST_STEPS, STEPS, key="card_steps"))

    def make() -> tuple[np.ndarray, Trace]:
        x = random_windows(checkpoint.model, windows=1, steps=steps, seed=seed)
        return x[0].numpy(), cache.on_cpu(checkpoint.model.trace(x.to(pick_device())))

    x, trace = cache.remember("card_window", (key, seed, steps), make, most=16)
    outputs = trace.prediction[0].numpy()
    names, is_classes = _output_names(checkpoint)
    kind = "logit" if is_classes else "scaled value" if is_classes is not None else "value"
    shares = softmax(outputs, checkpoint.scaling.temperature) if isinstance(checkpoint, Checkpoint) and is_classes else None
    rows: dict[str, object] = {"output": names, kind: outputs}
    if shares is not None:
        rows["probability"] = shares
    rows |= {f"ensemble head {place + 1}": one for place, one in enumerate(trace.ensemble_head_outputs[0].numpy())}
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, key="card_outputs", alt="What the model gives for a random window, and its ensemble heads"
    )
    if trace.attention_layers:
        features = (
            checkpoint.schema.roles.features if isinstance(checkpoint, Checkpoint) else tuple(f"input {n + 1}" for n in range(x.shape[1]))
        )
        st.session_state[VIEW] = attention_canvas(
            content_of(map_heads(trace, side=MOST_STEPS), series=x, names=features, times=[str(step) for step in range(steps)]),
            view=st.session_state.get(VIEW, AttentionView()),
            file_name=file_name(f"random_window_{seed}-attention"),
            component_key="card_attention",
        )
    caption(
        window=f"standard normal noise, seed {seed}, {steps} steps: no data",
        outputs="of the model itself" if is_classes is not None else "of the model itself; whether logits or values is not known",
        largest=digits(float(np.abs(outputs).max())),
        device=device_name(pick_device()),
    )
    reading(
        "It shows that the model runs, on which scale its outputs are, and how its attention heads look without a series to attend to.",
        "Nothing here says what the model does with data: noise has no order in time, and its prediction means nothing.",
    )


def _output_names(checkpoint: BareCheckpoint) -> tuple[list[str], bool | None]:
    """Return the names of the outputs, and whether they are classes: None where that is not known."""
    if isinstance(checkpoint, Checkpoint):
        return list(checkpoint.schema.outputs), checkpoint.schema.roles.task == "classes"
    return [f"output {place + 1}" for place in range(checkpoint.model.config.output_dim)], None
