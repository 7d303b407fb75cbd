"""Pages 19 and 20, and with page 18 all failures shown on purpose. That ensemble heads disagree is page 15.

Page 18: an attention head that can be removed.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from complex_lstm.figures.tour import attention_and_loss_bars, baseline_bars, removal_bars
from complex_lstm.ui.views.tour.arithmetic import excerpt
from complex_lstm.ui.views.tour.chapter import Chapter, Choice, Exhibit, Look, Number, Question, largest_of_many
from complex_lstm.ui.views.tour.evidence import LOOKED_AT, REMOVED_HEADS, TWO_BASELINES
from complex_lstm.ui.views.tour.window import TourWindow

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
        excerpt("complex_lstm.ui.views.tour.evidence:_silence_each_head", "without =", "moved.append"),
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


ELSEWHERE = 0.2  # of all importance: more is another story
NEAR = 0.5  # standard deviations: 0 is then near a feature's mean


def _idle_step(window: TourWindow) -> Look:
    layer = window.trace.attention.shape[1]
    return Look(f"Attention {layer}", 0, window.steps // 2, LOOKED_AT.of(window).idle)


def _say_idle(window: TourWindow) -> str:
    found = LOOKED_AT.of(window)
    times, share = found.times_even[found.idle], found.shares[found.idle]
    if found.shows:
        return (
            f"Step {found.idle} receives {times:.1f} times an even share of attention, and without it the output loses {share:.1%} of what "
            "it loses without the most needed step: it is looked at, and not needed."
        )
    return (
        f"No step shows it: the one that is looked at most, step {found.idle}, receives {times:.1f} times an even share, and without it "
        f"the output loses {share:.1%} of what it loses without the most needed step."
    )


def _ask_most_needed(window: TourWindow) -> Question:
    found = LOOKED_AT.of(window)
    needed = int(found.shares.argmax())
    because = (
        "The BiLSTM has spread each step's content over its neighbours: what is looked at in one place may come from another."
        if found.shows
        else "Here attention and need do not part as far as they can. That they agree once does not make the one a measure of the other."
    )
    return Question(
        "Without which step does the output lose or gain most? One step more or less is right.",
        Number(needed, 1),
        "Look for the longest bar of the lower row, upwards or downwards.",
        f"That step receives {found.times_even[needed]:.1f} times an even share of attention, the marked one "
        f"{found.times_even[found.idle]:.1f} times. {because}",
    )


def _looked_and_needed(window: TourWindow) -> go.Figure:
    found = LOOKED_AT.of(window)
    return attention_and_loss_bars(window.scene.times, found.received, found.lost, marked=found.idle)


def _leading_by_zero(window: TourWindow) -> Look:
    return Look("Series", 0, int(np.abs(TWO_BASELINES.of(window).zero).argmax()), window.steps // 2)


def _say_elsewhere(window: TourWindow) -> str:
    scaling, found = window.scene.dataset.scaling, TWO_BASELINES.of(window)
    farthest = float((np.abs(scaling.feature_mean) / np.array(scaling.feature_std)).max())
    off = f"0 lies up to {farthest:.1f} standard deviations off a feature's mean"
    where = "0 lies near every feature's mean" if farthest < NEAR else off
    verdict = "another story" if found.away > ELSEWHERE else "much the same story"
    return f"{where}, and by it {found.away:.0%} of all importance is placed elsewhere than by the training mean: {verdict}."


def _ask_leader(window: TourWindow) -> Question:
    return Question(
        "Which feature looks most important if removed means: set to 0 in the file's units?",
        largest_of_many(window.features, np.abs(TWO_BASELINES.of(window).zero)),
        "Look for the longest bar of the first colour.",
        "Where 0 is a value that never occurs, the model is asked about a series unlike any that it has seen, and answers with its "
        "surprise.",
    )


def _two_baselines(window: TourWindow) -> go.Figure:
    found = TWO_BASELINES.of(window)
    return baseline_bars(found.zero, found.mean, names=window.features, labels=("0 in the file's units", "training mean"))


FAILURES = (
    NEEDLESS_HEAD,
    Chapter(
        "Failure: looked at, and not needed?",
        "A step can receive much attention, and the output lose next to nothing without it. Attention says where a head looks, not what "
        "decides.",
        "Look at the marked step in both figures, and at the tallest bar of the lower one.",
        r"\begin{array}{l} a_t = \tfrac{1}{L H T} \textstyle\sum_{l,h,q} \alpha^{(l,h)}_{q,t} \\ "
        r"d_t = \hat y(x) - \hat y(x \text{ without step } t) \end{array}",
        (
            excerpt("complex_lstm.ui.views.tour.evidence:attention_received", "return"),
            excerpt("complex_lstm.interpretation.ablation:ablate_steps", "rows =", "intact =", "forward_func.without", "return"),
        ),
        _idle_step,
        _ask_most_needed,
        blocks=2,
        asks=lambda window: window.steps > 3,
        exhibits=(
            Exhibit(
                "Attention that each step receives, above what the output loses without the step",
                _looked_and_needed,
                "attention: mean over layers, heads and queries; loss: the step's features at their training means",
            ),
        ),
        evidence=LOOKED_AT,
        finding=_say_idle,
        sample="planted_order",
    ),
    Chapter(
        "Failure: a zero that is no absence",
        "To remove a feature something must stand in its place. With 0 in the file's units it can be a value that never occurs, and the "
        "importance is then that of the model's surprise.",
        "Compare the bars of the two baselines. Where they differ, ask which of the two could be a value of the file.",
        r"d_f = \hat y(x) - \hat y(x \text{ with } v_f = 0)",
        (
            excerpt("complex_lstm.interpretation.requests:_baselines", "zero ="),
            excerpt("complex_lstm.interpretation.ablation:ablate_features", "columns =", "intact, *without", "return"),
        ),
        _leading_by_zero,
        _ask_leader,
        asks=lambda window: len(window.features) > 1,
        exhibits=(
            Exhibit(
                "Share of each feature in all importance, by two baselines", _two_baselines, "ablation of whole features, by two baselines"
            ),
        ),
        evidence=TWO_BASELINES,
        finding=_say_elsewhere,
        sample="nyc_weather",
    ),
)
