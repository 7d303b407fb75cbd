"""Pages 18 to 20: three ways in which a look inside the model can mislead. A fourth, ensemble heads that disagree, is page 15.

Each page computes its evidence with forward passes of its own, and says what this window shows, be it for or against the claim.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from complex_lstm.figures.tour import baseline_bars, removal_bars, removal_of_steps_bars
from complex_lstm.model.interventions import SilenceHead
from complex_lstm.ui.views.tour.chapter import (
    Chapter,
    Exhibit,
    MultipleChoice,
    Question,
    StartCell,
    excerpt,
    largest_of_many,
    option_of,
    quantity,
)
from complex_lstm.ui.views.tour.evidence import ALIKE, HEAD_EFFECTS, STEP_EFFECTS, TWO_BASELINES, StepEffects
from complex_lstm.ui.views.tour.window import TourWindow

OTHERS = 2  # heads offered beside the most and the least needed one
NEEDED = 0.01  # of the largest output: a head that changes the prediction less is not needed


def _most_needed(window: TourWindow) -> StartCell:
    """Return a cell of the most needed head: the visitor is to find the least needed one."""
    changes = HEAD_EFFECTS.of(window)
    layer, head = np.unravel_index(int(changes.argmax()), changes.shape)
    return StartCell(f"Attention {layer + 1}", int(head), window.steps // 2, window.steps // 2)


def _least_needed(window: TourWindow) -> SilenceHead:
    changes = HEAD_EFFECTS.of(window)
    layer, head = np.unravel_index(int(changes.argmin()), changes.shape)
    return SilenceHead(int(layer), int(head))


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
    answer = MultipleChoice(names, offered.index(ranked[0]), tuple(alike))
    return Question(
        "Which of these attention heads can be removed with the least change of the prediction?",
        answer,
        "Look for the shortest bar below the picture.",
        "This holds for one window and says nothing about others. Heads that do the same can replace each other.",
        lambda cell: option_of(answer, f"attention layer {cell.box.removeprefix('Attention ')}, head {cell.sheet + 1}"),
    )


NEEDLESS_HEAD = Chapter(
    "Failure: an attention head that is not needed?",
    "Every attention head has a map, also one that can be removed with hardly any change of the prediction. A picture of a part is no "
    "proof that the part matters.",
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
    trial=_least_needed,
    sample="planted_order",
)


DIFFERENT = 0.2  # of all importance: baselines that disagree by more rank the features differently
NEAR = 0.5  # standard deviations: closer than this, 0 is near a feature's mean


def _moved(drop: float) -> str:
    """Return in words by how much the output falls, or rises where the drop is below zero."""
    return f"{'falls' if drop >= 0 else 'rises'} by {abs(drop):.3g}"


def _describe_hidden(window: TourWindow) -> str:
    found = STEP_EFFECTS.of(window)
    step, around = found.hidden, found.around(found.hidden)
    words = (
        f"Step {step} receives {found.times_even[step]:.1f} times an even share of attention. Without it alone the output "
        f"{_moved(found.alone[step])}; without the {quantity(found.length, 'step')} from {around.start} to {around.stop - 1} it "
        f"{_moved(found.together[step])}. Removed one at a time, these steps come to a sum of {found.sum_around(step):.3g}: "
        f"{('the neighbours stand in for each other', 'together they matter less', 'here both tell the same')[found.compare(step)]}."
    )
    if found.known.any():
        words += (
            f" By the plan of this synthetic series the step lies {'inside' if found.known[step] else 'outside'} the cells that decide, "
            f"and the stretch that is missed most, around step {found.needed}, {_overlap(found)}."
        )
    return words


def _overlap(found: StepEffects) -> str:
    inside = int(found.known[found.around(found.needed)].sum())
    return f"has {inside} of its {quantity(found.length, 'step')} in them" if inside else "has none of its steps in them"


def _ask_together(window: TourWindow) -> Question:
    found = STEP_EFFECTS.of(window)
    step, around = found.hidden, found.around(found.hidden)
    because = (
        "A step's neighbours tell the model much the same: alone it is not missed, and that says nothing about whether it is needed. ",
        "The steps undo each other's effect, or each one alone makes a series that the model has never seen. ",
        "Here no neighbour stands in for another. In other windows they do. ",
    )[found.compare(step)]
    return Question(
        f"Steps {around.start} to {around.stop - 1} are removed one at a time, and the changes of the output are added up. Then all "
        f"{found.length} are removed together. Which changes the output more, up or down? Within {ALIKE:.0%} counts as the same.",
        MultipleChoice(("all together", "one at a time, added up", "both the same"), found.compare(step)),
        "Compare the marked bar of the lowest figure with the bars around the mark in the figure above it: both have one scale.",
        f"{because}Together the output {_moved(found.together[step])}, one at a time and added up it {_moved(found.sum_around(step))}.",
    )


def _steps_and_stretches(window: TourWindow) -> go.Figure:
    found = STEP_EFFECTS.of(window)
    return removal_of_steps_bars(window.scene.times, found.received, found.alone, found.together, length=found.length, marked=found.hidden)


def _describe_disagreement(window: TourWindow) -> str:
    scaling, found = window.scene.dataset.scaling, TWO_BASELINES.of(window)
    farthest = float((np.abs(scaling.feature_mean) / np.array(scaling.feature_std)).max())
    distance = f"0 is up to {farthest:.1f} standard deviations from a feature's mean"
    where = "0 is near every feature's mean" if farthest < NEAR else distance
    verdict = "the features are ranked differently" if found.disagreement > DIFFERENT else "both tell much the same"
    usual = f"{window.scene.dataset.whose} mean"
    return f"{where}. By ablation this baseline gives {found.disagreement:.0%} of all importance to other features than {usual}: {verdict}."


def _ask_leader(window: TourWindow) -> Question:
    answer = largest_of_many(window.features, np.abs(TWO_BASELINES.of(window).zero))
    return Question(
        "By ablation: which feature looks most important when removing a feature means setting it to 0 in the file's units?",
        answer,
        "Look for the longest bar of the first colour.",
        "Where 0 is a value that never occurs, the model gets a series unlike any real one, and its output says little about the feature.",
        lambda cell: option_of(answer, window.features[cell.row]) if cell.box == "Series" else None,
    )


def _two_baselines(window: TourWindow) -> go.Figure:
    found = TWO_BASELINES.of(window)
    return baseline_bars(
        found.zero, found.mean, names=window.features, labels=("0 in the file's units", f"{window.scene.dataset.whose} mean")
    )


FAILURES = (
    NEEDLESS_HEAD,
    Chapter(
        "Failure: one step at a time",
        "Removing single steps misleads. A step can be hardly missed although it belongs to what decides, because its neighbours tell the "
        "model much the same and stand in for it. Remove the stretch, not the step.",
        "Compare the marked step in the three figures: how much it is attended to, what is lost without it alone, and what is lost without "
        "the stretch around it.",
        r"\begin{array}{l} d_t = \hat y(x) - \hat y(x \text{ without step } t) \\ "
        r"D_t = \hat y(x) - \hat y(x \text{ without the stretch around } t) \end{array}",
        (
            excerpt("complex_lstm.ui.views.tour.evidence:attention_received", "return"),
            excerpt(
                "complex_lstm.interpretation.ablation:ablate_stretches", "starts =", "rows =", "intact =", "forward_func.without", "return"
            ),
        ),
        lambda window: StartCell(f"Attention {window.trace.attention.shape[1]}", 0, window.steps // 2, STEP_EFFECTS.of(window).hidden),
        _ask_together,
        blocks=2,
        is_askable=lambda window: window.steps > 3,
        exhibits=(
            Exhibit(
                "Attention that each step receives, above the drop of the output without the step and without the stretch around it",
                _steps_and_stretches,
                "attention: mean over layers, heads and queries; drops: the features of the removed steps set to their means",
            ),
        ),
        evidence=STEP_EFFECTS,
        finding=_describe_hidden,
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
        lambda window: StartCell("Series", 0, 0, window.steps // 2),
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
