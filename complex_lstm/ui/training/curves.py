"""The curves of one run or of several."""

from __future__ import annotations

import streamlit as st

from complex_lstm.figures.training import RunCurve, epoch_curves, gradient_lines
from complex_lstm.runs import Curve, Run, curves_of

LOSS = {"classes": "loss (cross-entropy)", "values": "loss (squared error, scaled)"}
GRADIENT = "gradient_norm/"


def draw_curves(runs: list[Run], *, key: str) -> None:
    """Draw the losses, and the accuracy on the validation part where there are classes."""
    found = [(run, curves_of(run.rows), name_among(run, runs)) for run in runs]
    losses = [one for run, curves, name in found for one in _losses(run, curves, name)]
    if not losses:
        st.caption("The first epoch is not over yet: there is nothing to draw.")
        return
    scores = [_curve(run, curves["validation_accuracy"], name) for run, curves, name in found if "validation_accuracy" in curves]
    left, right = st.columns(2) if scores else (st.container(), st.container())
    tasks = sorted({run.plan.roles.task for run in runs})
    measure = " / ".join(LOSS[task] for task in tasks)
    left.plotly_chart(
        epoch_curves(tuple(losses), measure=measure, title="Loss over the epochs"),
        key=f"{key}_losses",
        alt=f"Loss on the training and validation part of {len(runs)} run(s), epoch by epoch",
    )
    if scores:
        right.plotly_chart(
            epoch_curves(tuple(scores), measure="accuracy", title="Accuracy on the validation part"),
            key=f"{key}_scores",
            alt=f"Accuracy on the validation part of {len(runs)} run(s), epoch by epoch",
        )


def draw_gradients(run: Run, *, key: str) -> None:
    """Draw the gradients over the steps, where the run records them."""
    curves = {name.removeprefix(GRADIENT): curve for name, curve in curves_of(run.rows).items() if name.startswith(GRADIENT)}
    if curves:
        st.plotly_chart(
            gradient_lines(
                tuple(curve.steps for curve in curves.values()),
                tuple(curve.values for curve in curves.values()),
                parts=tuple(curves),
                title="Gradient of each part of the model, before clipping",
            ),
            key=f"{key}_gradients",
            alt="The norm of the gradient in each part of the model over the steps of the optimizer",
        )


def name_among(run: Run, runs: list[Run]) -> str:
    """Return a run's name, with its key where another one is called the same."""
    return run.plan.name if sum(one.plan.name == run.plan.name for one in runs) == 1 else f"{run.plan.name} ({run.key})"


def _losses(run: Run, curves: dict[str, Curve], name: str) -> list[RunCurve]:
    training = [_curve(run, curves["loss"], name, is_training=True)] if "loss" in curves else []
    return training + ([_curve(run, curves["validation_loss"], name)] if "validation_loss" in curves else [])


def _curve(run: Run, curve: Curve, name: str, *, is_training: bool = False) -> RunCurve:
    return RunCurve(name, curve.epochs, curve.values, is_training, 0 if is_training else run.status.best_epoch)
