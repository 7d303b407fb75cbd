"""The figures over the steps of a run: attention, ensemble heads, gate, scores, gradients, with the steps that matter marked."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from complex_lstm.figures.dynamics import StepMark, gate_spread_heatmap, head_lines, mark_steps, score_lines, settling_lines
from complex_lstm.figures.theme import KEY, PALETTE
from complex_lstm.interpretation.training_dynamics.settling import QUANTILES
from complex_lstm.runs import Run
from complex_lstm.runs.curves import GradientCourse
from complex_lstm.ui.session.messages import reading
from complex_lstm.ui.views.train.curves import parts_figure, say_what_it_did, scale_figure, total_figure
from complex_lstm.ui.views.train.replay import Inside

KEPT, SLIDER = PALETTE[2], KEY


def draw_figures(run: Run, inside: Inside, *, names: tuple[str, ...], step: int | None) -> None:
    """Draw all figures. `step` is where the slider stands, None where there is none."""
    marks = _marks(run, step)
    left, right = st.columns(2)
    with left:
        _put(settling_figure(inside), "settling", marks, inside.last, "How far each layer's attention is from its last maps, step by step")
        _put(gate_figure(inside), "gate", marks, inside.last, "How the fusion gate's values share out, step by step")
    with right:
        _put(heads_figure(inside), "heads", marks, inside.last, "How far the ensemble heads are apart, and how their errors correlate")
        _put(
            score_figure(run, inside, names), "scores", marks, inside.last, "The score of each class or target, and the loss, step by step"
        )
    _say_how()
    if inside.gradients is not None and not run.plan.training.gradient_flow:  # which draws those of more steps
        _draw_gradients(inside.gradients, run.plan.training.clip_norm, marks, inside.last)


def _draw_gradients(course: GradientCourse, clip: float, marks: tuple[StepMark, ...], last: int) -> None:
    _put(parts_figure(course), "gradients", marks, last, "The norm of the gradient in each part of the model at the moments")
    left, right = st.columns(2)
    with left:
        _put(total_figure(course, clip), "total", marks, last, "The norm of the whole gradient at the moments, with the clip norm")
    with right:
        _put(scale_figure(course), "scale", marks, last, "The learned gradient scale at the moments")
    say_what_it_did(course, clip, what="steps before a moment")


def settling_figure(inside: Inside) -> go.Figure | None:
    layers = inside.settling
    if not layers:
        return None
    return settling_lines(
        tuple(layer.steps for layer in layers),
        tuple(layer.to_last for layer in layers),
        tuple(layer.pace for layer in layers),
        settled=tuple(layer.settled_at if layer.settled_at != layer.steps[-1] else None for layer in layers),
        title="Attention settles",
    )


def heads_figure(inside: Inside) -> go.Figure:
    heads = inside.specialising
    return head_lines(heads.steps, heads.distance, heads.correlation, pairs=heads.pairs, title="Ensemble heads, pair by pair")


def gate_figure(inside: Inside) -> go.Figure | None:
    gate = inside.gating
    if not len(gate.steps):
        return None
    return gate_spread_heatmap(gate.steps, gate.shares, gate.quantiles, gate.mean, levels=QUANTILES, title="Fusion gate")


def score_figure(run: Run, inside: Inside, names: tuple[str, ...]) -> go.Figure:
    is_classes, scores = run.plan.roles.task == "classes", inside.scores
    measure = "recall" if is_classes else "squared error<br>(variances)"
    title = "Recall of each class, and the loss" if is_classes else "Error of each target, and the loss"
    return score_lines(scores.steps, scores.each, scores.loss, names=names, measure=measure, title=title)


def _put(figure: go.Figure | None, name: str, marks: tuple[StepMark, ...], last: int, words: str) -> None:
    if figure is not None:
        st.plotly_chart(mark_steps(figure, marks, last=last), key=f"train_dynamics_{name}", alt=words)


def _marks(run: Run, step: int | None) -> tuple[StepMark, ...]:
    """Return the step at which the epoch ended whose model is kept, and where the slider stands."""
    best = run.status.best_epoch
    ends = [row.step for row in run.rows if row.epoch == best]
    kept = (StepMark(max(ends), f"epoch {best} is kept", KEPT),) if ends else ()
    return kept if step is None else (*kept, StepMark(step, "slider", SLIDER))


def _say_how() -> None:
    reading(
        "Distance of attention: the share of its weight that a query would have to move to get the last moment's map, on average; "
        "a ring is where it has settled. Distance of ensemble heads: the root mean square of the difference of their outputs, each "
        "centred and scaled to size 1 first: 0 for the same, 1.41 (dashed) for unrelated ones, 2 for opposite ones. Their errors are "
        "those of the best affine reading of each head's outputs, fitted to the truth over the same windows, as only the combiner "
        "reads them.",
        "The distance to the last moment ends at 0 whatever happens, and with a falling learning rate everything comes to rest. Errors "
        "that no head can avoid make all heads correlate. A few windows of one part are watched; on others it can go otherwise.",
    )
