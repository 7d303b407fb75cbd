"""Page 18: an attention head that can be removed."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from complex_lstm.figures.tour import removal_bars
from complex_lstm.ui.tour.chapter import Chapter, Exhibit, Look
from complex_lstm.ui.tour.excerpt import excerpt
from complex_lstm.ui.tour.failing import REMOVED_HEADS
from complex_lstm.ui.tour.question import Choice, Question
from complex_lstm.ui.tour.window import TourWindow

OTHERS = 2  # heads offered beside the most and the least needed one
MISSED = 0.01  # of the largest output: a smaller move of the prediction nobody misses


def _head_name(window: TourWindow, place: int) -> str:
    layer, head = np.unravel_index(place, REMOVED_HEADS.of(window).shape)
    return f"attention layer {int(layer) + 1}, head {int(head) + 1}"


def _most_needed(window: TourWindow) -> Look:
    """Look at the head that is missed most: the one that is missed least is to be found."""
    moved = REMOVED_HEADS.of(window)
    layer, head = np.unravel_index(int(moved.argmax()), moved.shape)
    return Look(f"Attention {layer + 1}", int(head), window.steps // 2, window.steps // 2)


def _say_least(window: TourWindow) -> str:
    """Return what is lost with the least needed head, and whether its map looks needless among the others."""
    moved = REMOVED_HEADS.of(window)
    size = float(window.trace.prediction.abs().max()) or 1.0
    place, share = int(moved.argmin()), float(moved.min()) / size
    highest = window.trace.attention[0].amax(dim=(2, 3)).flatten().numpy()
    own, usual = float(highest[place]), float(np.median(highest))
    looks = "no emptier than the others'" if own >= usual else "emptier than most others'"
    verdict = "nobody misses it" if share < MISSED else "even the least needed head is missed a little"
    return (
        f"Without the least needed head the prediction moves by {moved.min():.2g}, {share:.1%} of the largest output: {verdict}. "
        f"Its map is {looks}: its largest weight is {own:.3f}, in the middle of all heads {usual:.3f}. "
        f"The most needed head moves the prediction by {moved.max():.2g}."
    )


def _ask_least(window: TourWindow) -> Question:
    moved = REMOVED_HEADS.of(window).ravel()
    ranked = np.argsort(moved, kind="stable").tolist()
    offered = sorted({ranked[0], ranked[-1], *ranked[len(ranked) // 2 :][:OTHERS]})
    alike = [at for at, one in enumerate(offered) if one != ranked[0] and np.isclose(moved[one], moved[ranked[0]], rtol=1e-6, atol=0)]
    return Question(
        "Which of these attention heads can be removed with the least change of the prediction?",
        Choice(tuple(_head_name(window, one) for one in offered), offered.index(ranked[0]), tuple(alike)),
        "Look for the shortest bar below the picture.",
        "One window alone says nothing of the others, and heads that do the same stand in for each other.",
    )


def _removals(window: TourWindow) -> go.Figure:
    return removal_bars(REMOVED_HEADS.of(window))


NEEDLESS_HEAD = Chapter(
    "Failure: a head that nobody misses?",
    "An attention head can have a map as lively as the others', and be removed with hardly any change of the prediction. A picture of "
    "a part is no proof that the part matters.",
    "The picture shows the head that is missed most. Find the shortest bar, then open that head's sheet: does its map look needless?",
    r"\Delta_m = \max_o \big|\hat y_o - \hat y_o^{\,\mathrm{without}\ m}\big|",
    (
        excerpt("complex_lstm.model.interventions.attention:SilenceHead.replace"),
        excerpt("complex_lstm.ui.tour.failing:_silence_each_head", "without =", "moved.append"),
    ),
    _most_needed,
    _ask_least,
    blocks=2,
    asks=lambda window: window.model.config.num_heads * len(window.trace.attended) > 1,
    exhibits=(
        Exhibit(
            "How far the prediction moves without each attention head",
            _removals,
            "each attention head silenced in turn; the largest move of any output",
            of_target=False,
        ),
    ),
    evidence=REMOVED_HEADS,
    finding=_say_least,
    sample="planted_order",
)
