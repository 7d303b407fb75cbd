"""The gradient in the backward pass of the open model: at each site, across the residuals, and in the weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.figures.claims import crossing_bars, gradient_at_sites, learning_dots
from complex_lstm.interpretation.global_importance import evenly_spread
from complex_lstm.model.sites import Site
from complex_lstm.profiling import Flow, InitialFlow, gradient_flow, initial_flow, typical
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.listing import choose_how_many, how_many, unthinned
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.progress import job_on_request

WORDS = {
    "projected": "projection",
    "encoded": "+ positions",
    "conv1_scales": "stage 1, scale",
    "conv1": "stage 1",
    "conv2_scales": "stage 2, scale",
    "conv2": "stage 2",
    "lstm": "BiLSTM block",
    "attended": "attention layer",
    "pooled_mean": "mean",
    "pooled_max": "max",
    "pooled_last": "last step",
    "ensemble_head_outputs": "ensemble heads",
}


INITIAL = 8  # windows, before training


@dataclass(frozen=True)
class Flows:
    """The gradients of the trained model on many windows, and before training on some of them."""

    trained: Flow
    initial: InitialFlow


def show_flow(scene: Scene) -> Flows | None:
    """Draw the gradient flow of the open window, and on request of many windows and before training, which is returned."""
    own = cache.remember(
        "gradient_flow",
        (scene.keys, scene.number),
        lambda: gradient_flow(scene.model, scene.dataset, np.array([scene.number]), device=scene.device),
    )
    every = unthinned(scene)
    total = len(every.dataset.windows)
    windows = choose_how_many(np.arange(total), "claims_flow")

    def run(job: Job[Flows]) -> Flows:
        some = evenly_spread(windows, INITIAL)
        before = computed(initial_flow, every.model.config, every.dataset, some, seed=0, device=every.device, stop=job.must_stop)
        trained = computed(
            gradient_flow, every.model, every.dataset, windows, device=every.device, progress=job.report_progress, stop=job.must_stop
        )  # fmt: skip
        return Flows(trained, before)

    label = f"Compute the gradients of {len(windows):,} windows too, and of {min(INITIAL, len(windows))} before training"
    job = job_on_request("claims_flow", (every.keys, windows.tobytes()), run, label=label)
    flows = job.result if job and job.state == "done" else None
    many = flows.trained if flows else None
    _draw_sites(scene, own, many, how_many(len(windows), total, "the windows"))
    _draw_crossings(own, many)
    _draw_learning(own, many)
    return flows


def _draw_sites(scene: Scene, own: Flow, many: Flow | None, taken: str) -> None:
    show_figure(
        gradient_at_sites(tuple(map(_label, own.sites)), own.norms[:, 0], many.norms if many else None, title=""),
        key="claims_gradients",
        alt="Norm of the gradient at every traced value, from the input to the prediction",
    )
    if scene.is_classes:
        loss, substitute = "cross-entropy", "the predicted class"
    else:
        loss, substitute = "mean squared error of the scaled values", f"{scene.dataset.whose} mean"
    caption(
        method="gradient of the loss with respect to every traced value of one forward pass in eval mode",
        loss=f"{loss}, against {'the true target' if own.known.all() else f'{substitute}, because the true target is not known'}",
        windows=f"window {scene.number}" + (f", and {taken}" if many else ""),
        device=scene.device_name,
    )
    reading(
        "The gradient comes from the right. A line that falls by powers of ten towards the left is a vanishing gradient, one that rises "
        "an exploding gradient.",
        "Tensors of different shapes have different norms: compare only like with like. A window that the model is "
        "certain of has a small gradient everywhere, and the gradient of a trained model says little about how its training started.",
    )


def _draw_crossings(own: Flow, many: Flow | None) -> None:
    found = many or own
    show_figure(
        crossing_bars(
            tuple(one.block for one in found.blocks),
            np.array([typical(one.by_residual) for one in found.blocks]),
            np.array([typical(one.by_layers) for one in found.blocks]),
            title="Across each block: residual or layers",
        ),
        key="claims_crossings",
        alt="Share of the gradient that goes through the residual and through the layers of every block",
    )
    caption(
        method="the gradient at the sum of each block, which its residual passes on unchanged, and what its layers add at its input",
        windows=f"median of {len(found.windows):,}" if many else f"window {own.windows[0]}",
    )
    reading(
        f"From the last block back to the first {typical(found.across_blocks):.3g} of the norm is left; the shares that pass through "
        f"the layers multiply to {typical(found.by_layers_alone):.1e}, about what would be left without residuals.",
        "The two may cancel or add up, so their norms can sum to more than the norm of the result. A model trained without residuals "
        "would have other weights: the product shows what the residuals of this model carry, not how that model would behave.",
    )


def _draw_learning(own: Flow, many: Flow | None) -> None:
    found = many or own
    show_figure(
        learning_dots(
            tuple(one.part.label for one in found.parts),
            np.array([one.relative for one in found.parts]),
            title="In the weights of each part",
        ),
        key="claims_learning",
        alt="Norm of the gradient in the weights of every part, relative to the weights",
    )
    with st.expander("The norms"):
        st.dataframe(
            pd.DataFrame(
                [(one.part.label, one.gradient, one.weights, one.relative) for one in found.parts],
                columns=["part", "gradient", "weights", "gradient / weights"],
            ),
            hide_index=True,
            key="claims_norms",
            column_config={
                name: st.column_config.NumberColumn(format="scientific" if "gradient" in name else "%.2f")
                for name in ("gradient", "weights", "gradient / weights")
            },
        )
    caption(
        method="gradient of the mean loss in a part's weights, Euclidean norms, before any clipping",
        windows=f"{len(found.windows):,} together" if many else f"window {own.windows[0]}",
    )
    reading(
        "Parts far to the left would hardly change under plain gradient descent.",
        "AdamW divides each weight's gradient by its own typical size, so small gradients alone do not keep a part from learning.",
    )


def _label(site: Site) -> str:
    words = WORDS.get(site.name, site.name)
    return f"{words} {site.number + 1}" if site.name in ("conv1_scales", "conv2_scales", "lstm", "attended") else words
