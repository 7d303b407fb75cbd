"""The gradients of a run: of each part of the model and in all, what clipping took of them, and the learned scale."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from complex_lstm.figures.training import gradient_lines, scale_line, total_norm_line
from complex_lstm.runs import Run
from complex_lstm.runs.gradients import GradientCourse, gradient_course
from complex_lstm.ui.messages import number, reading


def draw_gradients(run: Run, *, key: str) -> None:
    """Draw the gradients over the steps, where the run records them."""
    course = gradient_course(run.rows)
    if course is None:
        return
    clip = run.plan.training.clip_norm
    st.plotly_chart(parts_figure(course), key=f"{key}_gradients", alt="The norm of the gradient in each part of the model over the steps")
    left, right = st.columns(2)
    left.plotly_chart(
        total_figure(course, clip), key=f"{key}_total", alt="The norm of the whole gradient over the steps, with the clip norm"
    )
    right.plotly_chart(scale_figure(course), key=f"{key}_scale", alt="The learned gradient scale over the steps")
    say_what_it_did(course, clip, what="recorded steps")


def parts_figure(course: GradientCourse) -> go.Figure:
    return gradient_lines(
        (course.steps,) * len(course.parts),
        tuple(course.norms.T),
        parts=course.parts,
        title="Gradient of each part of the model, before clipping",
    )


def total_figure(course: GradientCourse, clip: float) -> go.Figure:
    return total_norm_line(course.steps, course.total, clip=clip, title="The whole gradient, before clipping")


def scale_figure(course: GradientCourse) -> go.Figure:
    return scale_line(course.steps, course.scale, title="The learned gradient scale")


def say_what_it_did(course: GradientCourse, clip: float, *, what: str) -> None:
    """Say how often the gradient was clipped and what the scale does, of these steps, which `what` names."""
    st.markdown(clipping_sentence(course, clip, what=what))
    st.markdown(scale_sentence(course))
    reading(
        "A part whose line falls far below the others learns little, one that climbs runs wild; over the dashed line a step was shortened.",
        "The optimizer, AdamW, divides each weight's gradient by its usual size: a small gradient can still make a full step.",
    )


def clipping_sentence(course: GradientCourse, clip: float, *, what: str) -> str:
    """Return how many steps were clipped."""
    count = f"{len(course.steps):,} {what}"
    if clip <= 0:
        return f"**Clipping.** Off: the gradient of the {count} was taken as it was, {number(course.total.max())} at most."
    share = course.clipped(clip)
    if not share:
        return f"**Clipping.** None of the {count} was clipped: the longest gradient was {number(course.total.max())}, under {clip:g}."
    return f"**Clipping.** {share:.0%} of the {count} had a gradient longer than {clip:g} and were shortened to it."


def scale_sentence(course: GradientCourse) -> str:
    """Return what the gradient scale does, and where it went."""
    return (
        f"**Gradient scale.** One learned number that multiplies the outputs, and so every gradient of the parts before it. It begins "
        f"at 1 and here goes from {course.scale[0]:.3f} to {course.scale[-1]:.3f}: outputs and gradients are that many times what they "
        f"would be without it."
    )
