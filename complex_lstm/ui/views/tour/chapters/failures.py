"""Pages 18 to 20: three ways in which a look inside the model can mislead. A fourth, ensemble heads that disagree, is page 15.

Each page computes its evidence with forward passes of its own, and says what this window shows, be it for or against the claim.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from complex_lstm.figures.tour import attention_and_loss_bars, baseline_bars, removal_bars
from complex_lstm.ui.views.tour.chapter import (
    Chapter,
    Exhibit,
    MultipleChoice,
    NumericAnswer,
    Question,
    StartCell,
    excerpt,
    largest_of_many,
)
from complex_lstm.ui.views.tour.evidence import HEAD_EFFECTS, STEP_EFFECTS, TWO_BASELINES
from complex_lstm.ui.views.tour.window import TourWindow

OTHERS = 2  # heads offered beside the most and the least needed one
NEEDED = 0.01  # of the largest output: a head that changes the prediction less is not needed


def _most_needed(window: TourWindow) -> StartCell:
    """Return a cell of the most needed head: the visitor is to find the least needed one."""
    changes = HEAD_EFFECTS.of(window)
    layer, head = np.unravel_index(int(changes.argmax()), changes.shape)
    return StartCell(f"Attention {layer + 1}", int(head), window.steps // 2, window.steps // 2)


def _describe_least(window: TourWindow) -> str:
    """Return how the prediction changes without the least needed head, and how its map compares with the others'."""
    changes = HEAD_EFFECTS.of(window)
    size = float(window.trace.prediction.abs().max()) or 1.0
    place, share = int(changes.argmin()), float(changes.min()) / size
    highest = window.trace.attention[0].amax(dim=(2, 3)).flatten().numpy()
    own, median = float(highest[place]), float(np.median(highest))
    compared = "at least as sharp as" if own >= median else "less sharp than"
    verdict = "it is not needed" if share < NEEDED else "even the least needed head is needed a little"
    return (
        f"Without the least needed head the prediction changes by {changes.min():.2g}, {share:.1%} of the largest output: {verdict}. "
        f"Its map is {compared} the median head's: its largest weight is {own:.3f}, the median of all heads {median:.3f}. "
        f"Without the most needed head the prediction changes by {changes.max():.2g}."
    )


def _ask_least(window: TourWindow) -> Question:
    changes = HEAD_EFFECTS.of(window).ravel()
    ranked = np.argsort(changes, kind="stable").tolist()
    offered = sorted({ranked[0], ranked[-1], *ranked[len(ranked) // 2 :][:OTHERS]})
    alike = [at for at, one in enumerate(offered) if one != ranked[0] and np.isclose(changes[one], changes[ranked[0]], rtol=1e-6, atol=0)]
    layers_and_heads = [divmod(one, window.model.config.num_heads) for one in offered]
    names = tuple(f"attention layer {layer + 1}, head {head + 1}" for layer, head in layers_and_heads)
    return Question(
        "Which of these attention heads can be removed with the least change of the prediction?",
        MultipleChoice(names, offered.index(ranked[0]), tuple(alike)),
        "Look for the shortest bar below the picture.",
        "This holds for one window and says nothing about others. Heads that do the same can replace each other.",
    )


NEEDLESS_HEAD = Chapter(
    "Failure: an attention head that is not needed?",
    "An attention head can have a map as sharp as the others', and be removed with hardly any change of the prediction. A picture of "
    "a part is no proof that the part matters.",
    "The picture shows the most needed head. Find the shortest bar below, then open that head's sheet and compare its largest weight.",
    r"\Delta_m = \max_o \big|\hat y_o - \hat y_o^{\,\mathrm{without}\ m}\big|",
    (
        excerpt("complex_lstm.model.interventions.attention:SilenceHead.replace"),
        excerpt("complex_lstm.ui.views.tour.evidence:_silence_each_head", "without =", "changes.append"),
    ),
    _most_needed,
    _ask_least,
    blocks=2,
    is_askable=lambda window: window.model.config.num_heads * len(window.trace.attended) > 1,
    exhibits=(
        Exhibit(
            "Change of the prediction without each attention head",
            lambda window: removal_bars(HEAD_EFFECTS.of(window)),
            "each attention head silenced in turn; the largest change of any output",
            of_target=False,
        ),
    ),
    evidence=HEAD_EFFECTS,
    finding=_describe_least,
    sample="planted_order",
)


DIFFERENT = 0.2  # of all importance: baselines that disagree by more rank the features differently
NEAR = 0.5  # standard deviations: closer than this, 0 is near a feature's mean


def _describe_idle(window: TourWindow) -> str:
    found = STEP_EFFECTS.of(window)
    times, share = found.times_even[found.idle], found.shares[found.idle]
    if found.shows:
        return (
            f"Step {found.idle} receives {times:.1f} times an even share of attention, but removing it changes the output by only "
            f"{share:.1%} of what removing the most needed step does: it is attended to, and not needed."
        )
    return (
        f"No step shows it: the most attended step, step {found.idle}, receives {times:.1f} times an even share, and removing it changes "
        f"the output by {share:.1%} of what removing the most needed step does."
    )


def _ask_most_needed(window: TourWindow) -> Question:
    found = STEP_EFFECTS.of(window)
    needed = int(found.shares.argmax())
    because = (
        "The BiLSTM has spread the content of each step over its neighbours: what attention reads at one step may come from another."
        if found.shows
        else "Here attention and need do not differ as much as they can. That they agree once does not make attention a measure of need."
    )
    return Question(
        "The removal of which step changes the output most, up or down? Answers within one step are right.",
        NumericAnswer(needed, 1),
        "Look for the longest bar of the lower figure, upwards or downwards.",
        f"That step receives {found.times_even[needed]:.1f} times an even share of attention, the marked one "
        f"{found.times_even[found.idle]:.1f} times. {because}",
    )


def _looked_and_needed(window: TourWindow) -> go.Figure:
    found = STEP_EFFECTS.of(window)
    return attention_and_loss_bars(window.scene.times, found.received, found.lost, marked=found.idle)


def _describe_disagreement(window: TourWindow) -> str:
    scaling, found = window.scene.dataset.scaling, TWO_BASELINES.of(window)
    farthest = float((np.abs(scaling.feature_mean) / np.array(scaling.feature_std)).max())
    distance = f"0 is up to {farthest:.1f} standard deviations from a feature's mean"
    where = "0 is near every feature's mean" if farthest < NEAR else distance
    verdict = "the features are ranked differently" if found.disagreement > DIFFERENT else "both tell much the same"
    usual = f"{window.scene.dataset.whose} mean"
    return f"{where}. By ablation this baseline gives {found.disagreement:.0%} of all importance to other features than {usual}: {verdict}."


def _ask_leader(window: TourWindow) -> Question:
    return Question(
        "By ablation: which feature looks most important when removing a feature means setting it to 0 in the file's units?",
        largest_of_many(window.features, np.abs(TWO_BASELINES.of(window).zero)),
        "Look for the longest bar of the first colour.",
        "Where 0 is a value that never occurs, the model gets a series unlike any real one, and its output says little about the feature.",
    )


def _two_baselines(window: TourWindow) -> go.Figure:
    found = TWO_BASELINES.of(window)
    return baseline_bars(
        found.zero, found.mean, names=window.features, labels=("0 in the file's units", f"{window.scene.dataset.whose} mean")
    )


FAILURES = (
    NEEDLESS_HEAD,
    Chapter(
        "Failure: attended to, and not needed?",
        "A step can receive much attention, and yet the output hardly changes when it is removed. Attention shows what a head reads, not "
        "what decides.",
        "Compare the marked step in both figures with the longest bar of the lower figure.",
        r"\begin{array}{l} a_t = \tfrac{1}{L H T} \textstyle\sum_{l,h,q} \alpha^{(l,h)}_{q,t} \\ "
        r"d_t = \hat y(x) - \hat y(x \text{ without step } t) \end{array}",
        (
            excerpt("complex_lstm.ui.views.tour.evidence:attention_received", "return"),
            excerpt("complex_lstm.interpretation.ablation:ablate_steps", "rows =", "intact =", "forward_func.without", "return"),
        ),
        lambda window: StartCell(f"Attention {window.trace.attention.shape[1]}", 0, window.steps // 2, STEP_EFFECTS.of(window).idle),
        _ask_most_needed,
        blocks=2,
        is_askable=lambda window: window.steps > 3,
        exhibits=(
            Exhibit(
                "Attention that each step receives, above the drop of the output without the step",
                _looked_and_needed,
                "attention: mean over layers, heads and queries; drop: the step's features set to their means",
            ),
        ),
        evidence=STEP_EFFECTS,
        finding=_describe_idle,
        sample="planted_order",
    ),
    Chapter(
        "Failure: zero does not mean absent",
        "To remove a feature, another value must take its place. 0 in the file's units can be a value that never occurs; the importance "
        "then measures how the model reacts to an impossible input.",
        "Compare the bars of the two baselines. Where they differ, find out on the Data page which of the two values occurs in the file.",
        r"d_f = \hat y(x) - \hat y(x \text{ with } v_f = 0)",
        (
            excerpt("complex_lstm.interpretation.requests:_baselines", "zero ="),
            excerpt("complex_lstm.interpretation.ablation:ablate_features", "columns =", "intact, *without", "return"),
        ),
        lambda window: StartCell("Series", 0, int(np.abs(TWO_BASELINES.of(window).zero).argmax()), window.steps // 2),
        _ask_leader,
        is_askable=lambda window: len(window.features) > 1,
        exhibits=(
            Exhibit(
                "Share of each feature in all importance, by two baselines", _two_baselines, "ablation of whole features, by two baselines"
            ),
        ),
        evidence=TWO_BASELINES,
        finding=_describe_disagreement,
        sample="nyc_weather",
        names_features=True,
    ),
)
