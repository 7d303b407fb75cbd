"""What the document claims of training, beside what a run did: each answer in a few sentences with its numbers."""

from __future__ import annotations

import math

from complex_lstm.interpretation.dynamics import Gating, ScoreCourse, Settling, third_of
from complex_lstm.interpretation.specialising import Specialising
from complex_lstm.ui.messages import plain

ATTENTION = "**Attention.** The document says that it settles in the middle of training."


def attention_sentence(layers: tuple[Settling, ...], last: int) -> str:
    """Return whether the attention settled in the middle of the run, as the document has it."""
    if not layers:
        return "**Attention.** No attention layer is in at the last moment, so there is nothing that could settle."
    if all(len(layer.steps) < 2 for layer in layers):
        return f"{ATTENTION} In this run there are not two moments to compare yet."
    said = "; ".join(_settles(number, layer, last) for number, layer in enumerate(layers, start=1))
    return f"{ATTENTION} In this run {said}."


def heads_sentence(heads: Specialising) -> str:
    """Return whether the ensemble heads specialised late in the run, as the document has it."""
    claim = "**Ensemble heads.** The document says that they specialise late. In this run"
    if len(heads.steps) < 2 or not heads.pairs:
        return f"{claim} there are not two moments to compare yet."
    far, alike = heads.distance.mean(axis=1), heads.correlation.mean(axis=1)
    course = f"over the run their distance goes from {_told(far[0])} to {_told(far[-1])} (unrelated outputs: 1.41)"
    errors = f"and the correlation of their errors from {_told(alike[0])} to {_told(alike[-1])}."
    if heads.third is None:
        return f"{claim} they **hardly grow apart** in any third: {course}, {errors}"
    return f"{claim} they grow apart most **{heads.third}**, by {heads.growth.max():.2f} in that third; {course}, {errors}"


def gate_sentence(gate: Gating) -> str:
    """Return where the gate went."""
    if not len(gate.steps):
        return "**Gate.** The fusion gate is not in yet."
    return (
        f"**Gate.** Its mean goes from {gate.mean[0]:.3f} to {gate.mean[-1]:.3f} (1 takes stage 1, 0 takes stage 2). At the last moment "
        f"{gate.near_0[-1]:.1%} of its values are under 0.1 and {gate.near_1[-1]:.1%} over 0.9; at the first it was "
        f"{gate.near_0[0]:.1%} and {gate.near_1[0]:.1%}."
    )


def scores_sentence(scores: ScoreCourse, names: tuple[str, ...], *, is_classes: bool) -> str:
    """Return how far the classes, or the targets, came."""
    known = [(value, name) for value, name in zip(scores.each[-1].tolist(), names, strict=True) if math.isfinite(value)]
    low, high = min(known), max(known)
    what = "Recall" if is_classes else "Squared error, where 1 is as good as saying the mean,"
    if len(known) == 1:
        return f"**Scores.** {what} at the last moment: {low[0]:.2f} for {plain(low[1])}."
    return (
        f"**Scores.** {what} at the last moment: {low[0]:.2f} for {plain(low[1])} (lowest) to {high[0]:.2f} for {plain(high[1])} (highest)."
    )


def left_out_sentence(steps: tuple[int, ...], *, kept: int) -> str:
    """Return which moments are left out because the model had diverged. `kept` are the others."""
    count = len(steps) + kept
    which = f"{len(steps)} of {count} moments, the first at step {steps[0]:,}, {'is' if len(steps) == 1 else 'are'}"
    if not kept:
        which = f"All {count} moments, from step {steps[0]:,} on, are" if count > 1 else f"The only moment, at step {steps[0]:,}, is"
    return (
        f"{which} left out: the model had diverged, and its attention or outputs were no longer finite numbers. "
        f"{'There is nothing to show. ' if not kept else ''}Train again with a lower learning rate, or with gradients clipped."
    )


def _settles(number: int, layer: Settling, last: int) -> str:
    at = layer.settled_at
    since = f", having come in at step {layer.steps[0]:,}" if layer.steps[0] > 0 else ""
    if at is None:
        return f"layer {number} **hardly changes**{since}: its maps are never further than {layer.largest:.3f} from the last ones"
    if at == layer.steps[-1]:
        return (
            f"layer {number} **has not settled** by step {at:,}{since}: up to the moment before its maps are further than a tenth of their "
            f"largest distance ({layer.largest:.3f}) from the last ones"
        )
    return (
        f"layer {number} settles **{third_of(at / last)}**{since}: from step {at:,} of {last:,} ({at / last:.0%}) on its maps stay within "
        f"a tenth of their largest distance from the last ones ({layer.largest:.3f})"
    )


def _told(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "unknown"
