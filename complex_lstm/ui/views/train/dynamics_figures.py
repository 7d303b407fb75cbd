"""The figures over the steps of a run: attention, ensemble heads, gate, scores, gradients, with marks at the kept epoch and the slider."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from complex_lstm.figures.dynamics import StepMark, gate_spread_heatmap, head_lines, mark_steps, score_lines, settling_lines
from complex_lstm.figures.theme import KEY, PALETTE
from complex_lstm.interpretation.training_dynamics.settling import QUANTILES, Settling
from complex_lstm.runs import Run
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import reading
from complex_lstm.ui.views.train.curves import draw_gradient_course
from complex_lstm.ui.views.train.replay import Dynamics

KEPT, SLIDER = PALETTE[2], KEY


def draw_figures(run: Run, dynamics: Dynamics, *, names: tuple[str, ...], step: int | None) -> None:
    """Draw all figures. `step` is that of the replay's slider, None where there is none."""
    marks = _marks(run, step)

    def put(figure: go.Figure, name: str, words: str) -> None:
        show_figure(mark_steps(figure, marks, last=dynamics.last), key=f"train_dynamics_{name}", alt=words)

    gate, heads = dynamics.gating, dynamics.specialising
    left, right = st.columns(2)
    with left:
        if dynamics.settling:
            put(_settling_figure(dynamics.settling), "settling", "How far each layer's attention is from its last maps, step by step")
        if len(gate.steps):
            figure = gate_spread_heatmap(gate.steps, gate.shares, gate.quantiles, gate.mean, levels=QUANTILES, title="Fusion gate")
            put(figure, "gate", "The distribution of the fusion gate's values, step by step")
    with right:
        figure = head_lines(heads.steps, heads.distance, heads.correlation, pairs=heads.pairs, title="Ensemble heads, pair by pair")
        put(figure, "heads", "How far the ensemble heads are apart, and how their errors correlate")
        put(_score_figure(run, dynamics, names), "scores", "The score of each class or target, and the loss, step by step")
    _show_reading()
    if dynamics.gradients is not None and not run.plan.training.gradient_flow:  # which draws those of more steps
        clip = run.plan.training.clip_norm
        draw_gradient_course(dynamics.gradients, clip, put=put, when="at the snapshots", what="steps before a snapshot")


def _settling_figure(layers: tuple[Settling, ...]) -> go.Figure:
    return settling_lines(
        tuple(layer.steps for layer in layers),
        tuple(layer.to_last for layer in layers),
        tuple(layer.pace for layer in layers),
        settled=tuple(layer.settled_at if layer.settled_at != layer.steps[-1] else None for layer in layers),
        title="Attention settles",
    )


def _score_figure(run: Run, dynamics: Dynamics, names: tuple[str, ...]) -> go.Figure:
    is_classes, scores = run.plan.roles.task == "classes", dynamics.scores
    title = f"{'Recall of each class' if is_classes else 'R² of each target'}, and the loss"
    each = scores.each if is_classes else 1 - scores.each
    return score_lines(scores.steps, each, scores.loss, names=names, measure="recall" if is_classes else "R²", title=title)


def _marks(run: Run, step: int | None) -> tuple[StepMark, ...]:
    """Return marks at the end of the epoch whose model is kept, and at the slider's step."""
    best = run.status.best_epoch
    ends = [row.step for row in run.rows if row.epoch == best]
    kept = (StepMark(max(ends), f"epoch {best} is kept", KEPT),) if ends else ()
    return kept if step is None else (*kept, StepMark(step, "slider", SLIDER))


def _show_reading() -> None:
    reading(
        "Distance of attention: the share of its weight that a query would have to move to get the last snapshot's map, on average; "
        "a ring is where it has settled. Distance of ensemble heads: the root mean square of the difference of their outputs, each "
        "centred and scaled to size 1 first: 0 for the same, 1.41 (dashed) for unrelated ones, 2 for opposite ones. Their errors are "
        "those of the best affine fit of each head's outputs to the targets over the same windows, because only the combiner uses "
        "the outputs.",
        "The distance to the last snapshot ends at 0 in any case, and with a falling learning rate everything stops changing. Errors "
        "that no head can avoid make all heads correlate. Snapshots are taken of a few windows of one part; others can differ.",
    )
