"""Pages 18 to 20: three ways in which a look inside the model can mislead. A fourth, ensemble heads that disagree, is page 15.

Each page computes its evidence with forward passes of its own, and says what this window shows, be it for or against the claim.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from complex_lstm.figures.tour import baseline_bars, removal_bars, removal_of_steps_bars
from complex_lstm.languages import _, mark, ngettext
from complex_lstm.model.interventions import SilenceHead
from complex_lstm.ui.views.tour.chapter import (
    Chapter,
    Compared,
    Exhibit,
    MultipleChoice,
    Question,
    Region,
    StartCell,
    excerpt,
    largest_of_many,
    option_of,
    sizes_of,
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
    compared = _("at least as sharp as") if own >= median else _("less sharp than")
    verdict = _("it is not needed") if share < NEEDED else _("even the least needed head is needed a little")
    return _(
        "Without the least needed head the prediction changes by {least:.2g}, {share:.1%} of the largest output: {verdict}. "
        "Its map is {compared} the median head's: its largest weight is {own:.3f}, the median of all heads {median:.3f}. "
        "Without the most needed head the prediction changes by {most:.2g}.",
        least=changes.min(),
        share=share,
        verdict=verdict,
        compared=compared,
        own=own,
        median=median,
        most=changes.max(),
    )


def _name(layer: int, head: int) -> str:
    return _("attention layer {layer}, head {head}", layer=layer, head=head)


def _ask_least(window: TourWindow) -> Question:
    changes = HEAD_EFFECTS.of(window).ravel()
    ranked = np.argsort(changes, kind="stable").tolist()
    offered = sorted({ranked[0], ranked[-1], *ranked[len(ranked) // 2 :][:OTHERS]})
    alike = [at for at, one in enumerate(offered) if one != ranked[0] and np.isclose(changes[one], changes[ranked[0]], rtol=1e-6, atol=0)]
    layers_and_heads = [divmod(one, window.model.config.num_heads) for one in offered]
    names = tuple(_name(layer + 1, head + 1) for layer, head in layers_and_heads)
    answer = MultipleChoice(names, offered.index(ranked[0]), tuple(alike))
    return Question(
        _("Which of these attention heads can be removed with the least change of the prediction?"),
        answer,
        _("Look for the shortest bar below the picture."),
        _("This holds for one window and says nothing about others. Heads that do the same can replace each other."),
        Compared(_("prediction moves by (model's scale)"), changes[offered], names),
        lambda cell: option_of(answer, _name(int(cell.box.split()[-1]), cell.sheet + 1)) if cell.box.startswith("Attention") else None,
        lambda given: (Region(f"Attention {layers_and_heads[given][0] + 1}", layers_and_heads[given][1]),),
    )


NEEDLESS_HEAD = Chapter(
    mark("Failure: an attention head that is not needed?"),
    mark(
        "Every attention head has a map, also one that can be removed with hardly any change of the prediction. A picture of a part is no "
        "proof that the part matters."
    ),
    mark(
        "The picture shows the most needed head. Find the shortest bar below, then open that head's sheet and compare its largest weight."
    ),
    lambda window: rf"\Delta_m = \max_o \big|\hat y_o - \hat y_o^{{\,\text{{{_('without')} }} m}}\big|",
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
            mark("Change of the prediction without each attention head"),
            lambda window: removal_bars(HEAD_EFFECTS.of(window)),
            mark("each attention head silenced in turn; the largest change of any output"),
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
    return _("falls by {change:.3g}", change=drop) if drop >= 0 else _("rises by {change:.3g}", change=-drop)


def _describe_hidden(window: TourWindow) -> str:
    found = STEP_EFFECTS.of(window)
    step, around = found.hidden, found.around(found.hidden)
    verdict = (
        _("the neighbours stand in for each other"),
        _("together they matter less"),
        _("here both tell the same"),
    )[found.compare(step)]
    words = ngettext(
        "Step {step} receives {times:.1f} times an even share of attention. Without it alone the output {alone}; without the {number} step "
        "from {first} to {last} it {together}. Removed one at a time, these steps come to a sum of {sum:.3g}: {verdict}.",
        "Step {step} receives {times:.1f} times an even share of attention. Without it alone the output {alone}; without the {number} "
        "steps from {first} to {last} it {together}. Removed one at a time, these steps come to a sum of {sum:.3g}: {verdict}.",
        found.length,
        step=step,
        times=found.times_even[step],
        alone=_moved(found.alone[step]),
        first=around.start,
        last=around.stop - 1,
        together=_moved(found.together[step]),
        sum=found.sum_around(step),
        verdict=verdict,
    )
    return f"{words} {_describe_plan(found)}" if found.known.any() else words


def _describe_plan(found: StepEffects) -> str:
    """Return where the step, and the stretch that is missed most, lie by the plan of the series."""
    inside = int(found.known[found.around(found.needed)].sum())
    overlap = (
        ngettext("has {inside} of its {number} step in them", "has {inside} of its {number} steps in them", found.length, inside=inside)
        if inside
        else _("has none of its steps in them")
    )
    return _(
        "By the plan of this synthetic series the step lies {where} the cells that decide, "
        "and the stretch that is missed most, around step {needed}, {overlap}.",
        where=_("inside") if found.known[found.hidden] else _("outside"),
        needed=found.needed,
        overlap=overlap,
    )


def _ask_together(window: TourWindow) -> Question:
    found = STEP_EFFECTS.of(window)
    step, around = found.hidden, found.around(found.hidden)
    options = (_("all together"), _("one at a time, added up"), _("both the same"))
    because = (
        _("A step's neighbours tell the model much the same: alone it is not missed, and that says nothing about whether it is needed."),
        _("The steps undo each other's effect, or each one alone makes a series that the model has never seen."),
        _("Here no neighbour stands in for another. In other windows they do."),
    )[found.compare(step)]
    return Question(
        _(
            "Steps {first} to {last} are removed one at a time, and the changes of the output are added up. Then all "
            "{length} are removed together. Which changes the output more, up or down? Within {alike:.0%} counts as the same.",
            first=around.start,
            last=around.stop - 1,
            length=found.length,
            alike=ALIKE,
        ),
        MultipleChoice(options, found.compare(step)),
        _("Compare the marked bar of the lowest figure with the bars around the mark in the figure above it: both have one scale."),
        _(
            "{because} Together the output {together}, one at a time and added up it {summed}.",
            because=because,
            together=_moved(found.together[step]),
            summed=_moved(found.sum_around(step)),
        ),
        Compared(_("change of the output, up or down"), np.abs([found.together[step], found.sum_around(step)]), options[:2]),
        is_decided=tuple(
            Region(box, None, columns=(around.start, around.stop - 1)) for box in ("Series", f"Attention {window.trace.attention.shape[1]}")
        ),
    )


def _removal_formula(window: TourWindow) -> str:
    without = rf"d_t = \hat y(x) - \hat y(x \text{{ {_('without step')} }} t)"
    around = rf"D_t = \hat y(x) - \hat y(x \text{{ {_('without the stretch around')} }} t)"
    return rf"\begin{{array}}{{l}} {without} \\ {around} \end{{array}}"


def _steps_and_stretches(window: TourWindow) -> go.Figure:
    found = STEP_EFFECTS.of(window)
    return removal_of_steps_bars(window.scene.times, found.received, found.alone, found.together, length=found.length, marked=found.hidden)


def _describe_disagreement(window: TourWindow) -> str:
    scaling, found = window.scene.dataset.scaling, TWO_BASELINES.of(window)
    farthest = float((np.abs(scaling.feature_mean) / np.array(scaling.feature_std)).max())
    where = (
        _("0 is near every feature's mean.")
        if farthest < NEAR
        else _("0 is up to {distance:.1f} standard deviations from a feature's mean.", distance=farthest)
    )
    verdict = _("the features are ranked differently") if found.disagreement > DIFFERENT else _("both tell much the same")
    told = _(
        "By ablation this baseline gives {share:.0%} of all importance to other features than {usual}: {verdict}.",
        share=found.disagreement,
        usual=_("{whose} mean", whose=window.whose),
        verdict=verdict,
    )
    return f"{where} {told}"


def _ask_leader(window: TourWindow) -> Question:
    drops = np.abs(TWO_BASELINES.of(window).zero)
    answer = largest_of_many(window.features, drops)
    return Question(
        _("By ablation: which feature looks most important when removing a feature means setting it to 0 in the file's units?"),
        answer,
        _("Look for the longest bar of the first colour."),
        _(
            "Where 0 is a value that never occurs, the model gets a series unlike any real one, and its output says little about the "
            "feature."
        ),
        sizes_of(answer, _("change of the output without it"), window.features, drops),
        lambda cell: option_of(answer, window.features[cell.row]) if cell.box == "Series" else None,
        lambda given: (Region("Series", 0, (window.features.index(answer.options[given]),) * 2),),
    )


def _two_baselines(window: TourWindow) -> go.Figure:
    found = TWO_BASELINES.of(window)
    return baseline_bars(
        found.zero,
        found.mean,
        names=window.features,
        labels=(_("0 in the file's units"), _("{whose} mean", whose=window.whose)),
    )


FAILURES = (
    NEEDLESS_HEAD,
    Chapter(
        mark("Failure: one step at a time"),
        mark(
            "Removing single steps misleads. A step can be hardly missed although it belongs to what decides, because its neighbours tell "
            "the model much the same and stand in for it. Remove the stretch, not the step."
        ),
        mark(
            "Compare the marked step in the three figures: how much it is attended to, what is lost without it alone, and what is lost "
            "without the stretch around it."
        ),
        _removal_formula,
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
                mark("Attention that each step receives, above the drop of the output without the step and without the stretch around it"),
                _steps_and_stretches,
                mark("attention: mean over layers, heads and queries; drops: the features of the removed steps set to their means"),
                is_over_time=True,
            ),
        ),
        evidence=STEP_EFFECTS,
        finding=_describe_hidden,
        sample="planted_order",
    ),
    Chapter(
        mark("Failure: zero does not mean absent"),
        mark(
            "To remove a feature, another value must take its place. 0 in the file's units can be a value that never occurs; the "
            "importance then measures how the model reacts to an impossible input."
        ),
        mark(
            "Compare the bars of the two baselines. Where they differ, find out on the Data page which of the two values occurs in the "
            "file."
        ),
        lambda window: rf"d_f = \hat y(x) - \hat y(x \text{{ {_('with')} }} v_f = 0)",
        (
            excerpt("complex_lstm.interpretation.requests:_baselines", "zero ="),
            excerpt("complex_lstm.interpretation.ablation:ablate_features", "columns =", "intact, *without", "return"),
        ),
        lambda window: StartCell("Series", 0, 0, window.steps // 2),
        _ask_leader,
        is_askable=lambda window: len(window.features) > 1,
        exhibits=(
            Exhibit(
                mark("Share of each feature in all importance, by two baselines"),
                _two_baselines,
                mark("ablation of whole features, by two baselines"),
            ),
        ),
        evidence=TWO_BASELINES,
        finding=_describe_disagreement,
        sample="nyc_weather",
        names_features=True,
    ),
)
