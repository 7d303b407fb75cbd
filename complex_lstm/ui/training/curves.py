"""The curves of one run or of several."""

from __future__ import annotations

import streamlit as st

from complex_lstm.figures.training import RunCurve, epoch_curves, rate_line
from complex_lstm.runs import Curve, Run, curves_of

LOSS = {"classes": "loss (cross-entropy)", "values": "loss (squared error, scaled)"}


def draw_curves(runs: list[Run], *, key: str) -> None:
    """Draw the losses, and the accuracy on the validation part where there are classes."""
    found = [(run, curves_of(run.rows), name_among(run, runs)) for run in runs]
    losses = [one for run, curves, name in found for one in _losses(run, curves, name)]
    if not losses:
        under_way = any(run.is_under_way for run in runs)
        st.caption(f"{'The first epoch is not over yet' if under_way else 'No epoch was finished'}: there is nothing to draw.")
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


def draw_rates(run: Run, *, key: str) -> None:
    """Draw the learning rate of each epoch, out of the way."""
    rates = curves_of(run.rows).get("learning_rate")
    if rates is None:
        return
    with st.expander("Learning rate", key=f"{key}_rates"):
        st.plotly_chart(
            rate_line(rates.epochs, rates.values, title=""),
            key=f"{key}_rate",
            alt="The learning rate at the end of each epoch",
        )
        each = ", that of the component with the highest" if run.plan.training.component_rates else ""
        st.caption(f"At the end of each epoch{each}: one cycle, which rises to {run.plan.training.learning_rate:g} and falls to nothing.")


def name_among(run: Run, runs: list[Run]) -> str:
    """Return a run's name, with its key where another one is called the same."""
    return run.plan.name if sum(one.plan.name == run.plan.name for one in runs) == 1 else f"{run.plan.name} ({run.key})"


def _losses(run: Run, curves: dict[str, Curve], name: str) -> list[RunCurve]:
    training = [_curve(run, curves["loss"], name, is_training=True)] if "loss" in curves else []
    return training + ([_curve(run, curves["validation_loss"], name)] if "validation_loss" in curves else [])


def _curve(run: Run, curve: Curve, name: str, *, is_training: bool = False) -> RunCurve:
    return RunCurve(name, curve.epochs, curve.values, is_training, 0 if is_training else run.status.best_epoch)
