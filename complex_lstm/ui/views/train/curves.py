"""The curves of one run or of several: losses, scores, learning rate, and gradients with clipping and the learned scale."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from complex_lstm.data.units import digits
from complex_lstm.figures.training import RunCurve, epoch_curves, gradient_lines, rate_line, scale_line, total_norm_line
from complex_lstm.runs import Curve, Run, curves_of
from complex_lstm.runs.curves import GradientCourse, gradient_course
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import reading
from complex_lstm.wording import counted

LOSS = {"classes": "loss (cross-entropy)", "values": "loss (squared error, scaled)"}


def draw_curves(runs: list[Run], *, key: str) -> None:
    """Draw the losses, and for classes the accuracy on the validation part."""
    found = [(run, curves_of(run.rows), name_among(run, runs)) for run in runs]
    losses = []
    for run, curves, name in found:
        losses += [_curve(run, curves["loss"], name, is_training=True)] if "loss" in curves else []
        losses += [_curve(run, curves["validation_loss"], name)] if "validation_loss" in curves else []
    if not losses:
        under_way = any(run.is_under_way for run in runs)
        st.caption(f"{'The first epoch is not finished yet' if under_way else 'No epoch was finished'}: there is nothing to draw.")
        return
    scores = [_curve(run, curves["validation_accuracy"], name) for run, curves, name in found if "validation_accuracy" in curves]
    left, right = st.columns(2) if scores else (st.container(), st.container())
    tasks = sorted({run.plan.roles.task for run in runs})
    measure = " / ".join(LOSS[task] for task in tasks)
    show_figure(
        place=left,
        figure=epoch_curves(tuple(losses), measure=measure, title="Loss over the epochs"),
        key=f"{key}_losses",
        alt=f"Loss on the training and validation part of {counted(len(runs), 'run')}, epoch by epoch",
    )
    if scores:
        show_figure(
            place=right,
            figure=epoch_curves(tuple(scores), measure="accuracy", title="Accuracy on the validation part"),
            key=f"{key}_scores",
            alt=f"Accuracy on the validation part of {counted(len(runs), 'run')}, epoch by epoch",
        )


def draw_rates(run: Run, *, key: str) -> None:
    """Draw the learning rate of each epoch, in a closed expander."""
    rates = curves_of(run.rows).get("learning_rate")
    if rates is None:
        return
    with st.expander("Learning rate", key=f"{key}_rates"):
        show_figure(
            rate_line(rates.epochs, rates.values, title=""),
            key=f"{key}_rate",
            alt="The learning rate at the end of each epoch",
        )
        each = ", that of the component with the highest" if run.plan.training.component_rates else ""
        st.caption(f"At the end of each epoch{each}: one cycle, which rises to {run.plan.training.learning_rate:g} and falls to zero.")


def name_among(run: Run, runs: list[Run]) -> str:
    """Return a run's name, with its key where another run has the same name."""
    return run.plan.name if sum(one.plan.name == run.plan.name for one in runs) == 1 else f"{run.plan.name} ({run.key})"


def _curve(run: Run, curve: Curve, name: str, *, is_training: bool = False) -> RunCurve:
    return RunCurve(name, curve.epochs, curve.values, is_training, 0 if is_training else run.status.best_epoch)


def draw_gradients(run: Run, *, key: str) -> None:
    """Draw the gradients over the steps, where the run records them."""
    course = gradient_course(run.rows)
    if course is None:
        return

    def put(figure: go.Figure, name: str, words: str) -> None:
        show_figure(figure, key=f"{key}_{name}", alt=words)

    draw_gradient_course(course, run.plan.training.clip_norm, put=put, when="over the steps", what="recorded steps")


def draw_gradient_course(course: GradientCourse, clip: float, *, put: Callable[[go.Figure, str, str], None], when: str, what: str) -> None:
    """Draw the gradients of some steps, how many were clipped, and what the gradient scale does. `when` and `what` name the steps.

    `put` draws one figure from its name, which is part of the key, and its description.
    """
    parts = gradient_lines(
        (course.steps,) * len(course.parts),
        tuple(course.norms.T),
        parts=course.parts,
        title="Gradient of each part of the model, before clipping",
    )
    put(parts, "gradients", f"The norm of the gradient in each part of the model {when}")
    left, right = st.columns(2)
    with left:
        total = total_norm_line(course.steps, course.total, clip=clip, title="The whole gradient, before clipping")
        put(total, "total", f"The norm of the whole gradient {when}, with the clip norm")
    with right:
        scale = scale_line(course.steps, course.scale, title="The learned gradient scale")
        put(scale, "scale", f"The learned gradient scale {when}")
    st.markdown(clipping_sentence(course, clip, what=what))
    st.markdown(scale_sentence(course))
    reading(
        "A part whose line is far below the others hardly learns, one that rises steeply explodes; gradients above the dashed line are "
        "clipped.",
        "The optimizer, AdamW, divides each weight's gradient by its usual size: a small gradient can still make a full step.",
    )


def clipping_sentence(course: GradientCourse, clip: float, *, what: str) -> str:
    """Return how many steps were clipped."""
    count = f"{len(course.steps):,} {what}"
    if clip <= 0:
        return f"**Clipping.** Off: the gradient of the {count} was used unchanged, with a norm of {digits(course.total.max())} at most."
    share = course.clipped(clip)
    if not share:
        return f"**Clipping.** None of the {count} was clipped: the largest norm was {digits(course.total.max())}, under {clip:g}."
    return f"**Clipping.** {share:.0%} of the {count} had a gradient norm above {clip:g} and were scaled down to it."


def scale_sentence(course: GradientCourse) -> str:
    """Return the effect of the gradient scale, and how it changed."""
    return (
        f"**Gradient scale.** One learned number that multiplies the outputs, and so every gradient of the parts before it. It begins "
        f"at 1 and here goes from {course.scale[0]:.3f} to {course.scale[-1]:.3f}: outputs and gradients are that many times what they "
        f"would be without it."
    )
