"""Pages 17 to 19: failures shown on purpose. That ensemble heads disagree is page 15."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from complex_lstm.figures.theme import shares
from complex_lstm.figures.tour import baseline_bars, looked_at_and_needed, removal_bars
from complex_lstm.ui.tour.chapter import Chapter, Choice, Exhibit, Look, Question
from complex_lstm.ui.tour.chapters.entrance import MOST_OPTIONS
from complex_lstm.ui.tour.failing import by_baseline, looked_at, removed_heads
from complex_lstm.ui.tour.window import TourWindow

OTHERS = 2  # heads offered beside the most and the least needed one


def _least_needed(window: TourWindow) -> Look:
    layer, head = np.unravel_index(int(removed_heads(window).argmin()), removed_heads(window).shape)
    return Look(f"Attention {layer + 1}", int(head), window.steps // 2, window.steps // 2)


def _ask_least(window: TourWindow) -> Question:
    moved = removed_heads(window)
    ranked = np.argsort(moved.ravel(), kind="stable").tolist()
    offered = sorted({ranked[0], ranked[-1], *ranked[len(ranked) // 2 :][:OTHERS]})
    names = tuple("attention layer {}, head {}".format(*(int(at) + 1 for at in np.unravel_index(one, moved.shape))) for one in offered)
    size = float(window.trace.prediction.abs().max()) or 1.0
    return Question(
        "Which of these attention heads can be removed with the least loss?",
        Choice(names, offered.index(ranked[0])),
        "Look for the shortest bar below the picture.",
        f"Without it the prediction moves by {moved.min():.2g}, which is {moved.min() / size:.1%} of its largest output. Its map looks "
        "as meaningful as "
        "the others'. The most needed head moves it by "
        f"{moved.max():.2g}. One window alone says nothing of the others, and heads that do the same stand in for each other.",
    )


def _removals(window: TourWindow) -> go.Figure:
    return removal_bars(removed_heads(window))


def _idle_step(window: TourWindow) -> Look:
    layer = window.trace.attention.shape[1]
    return Look(f"Attention {layer}", 0, window.steps // 2, looked_at(window).idle)


def _ask_idle(window: TourWindow) -> Question:
    found = looked_at(window)
    received = found.received[found.idle] * window.steps
    return Question(
        f"Step {found.idle} receives {received:.1f} times as much attention as an even share. How much of the largest loss below does "
        "its removal cost?",
        Choice(("less than a tenth", "a tenth to a half", "more than a half"), int(found.share >= 0.1) + int(found.share > 0.5)),
        "Compare the two bars at the marked step: the upper one is attention, the lower one what the output loses without the step.",
        f"It is {found.share:.1%}. " + ("Looked at, and not needed: the BiLSTM has spread each step's content over its neighbours, and "
        "what is looked at "
        "there may come from elsewhere." if found.share < 0.1 else "In this window attention and ablation do not part as far as they "
        "can: try others."),
    )  # fmt: skip


def _looked_and_needed(window: TourWindow) -> go.Figure:
    found = looked_at(window)
    return looked_at_and_needed(window.scene.times, found.received, found.lost, marked=found.idle)


def _leading_by_zero(window: TourWindow) -> Look:
    feature = int(np.abs(by_baseline(window, "zero")).argmax())
    return Look("Series", 0, feature, window.steps // 2)


def _ask_leader(window: TourWindow) -> Question:
    zero, mean = (np.abs(by_baseline(window, baseline)) for baseline in ("zero", "training_mean"))
    kept = sorted(np.argsort(-zero, kind="stable")[:MOST_OPTIONS].tolist())
    away = float(np.abs(shares(zero) - shares(mean)).sum() / 2)
    verdict = (
        "which is another story than by the training mean."
        if away > 0.2
        else "much as by the training mean, because here 0 is near the mean."
    )
    return Question(
        "Which feature looks most important if removed means: set to 0 in the file's units?",
        Choice(tuple(window.features[number] for number in kept), kept.index(int(zero.argmax()))),
        "Look for the longest bar of the first colour.",
        f"The two baselines place {away:.0%} of all importance elsewhere, {verdict} Where 0 is a value that never occurs, the model is "
        "asked about "
        "a series unlike any that it has seen, and answers with its surprise.",
    )


def _two_baselines(window: TourWindow) -> go.Figure:
    return baseline_bars(
        by_baseline(window, "zero"),
        by_baseline(window, "training_mean"),
        names=window.features,
        labels=("0 in the file's units", "training mean"),
    )


FAILURES = (
    Chapter(
        "Failure: a head that nobody misses",
        "An attention head with a map like any other can be removed, and the prediction stays as it is. A picture of a part is no proof "
        "that the "
        "part matters.",
        "Find the shortest bar, then open that head's sheet: does its map look needless?",
        r"\Delta_m = \max_o \big|\hat y_o - \hat y_o^{\,\mathrm{without}\ m}\big|",
        "complex_lstm.model.interventions.attention:SilenceHead.replace",
        _least_needed,
        _ask_least,
        blocks=2,
        exhibits=(
            Exhibit(
                "How far the prediction moves without each attention head",
                _removals,
                "each attention head silenced in turn, in this window",
            ),
        ),
    ),
    Chapter(
        "Failure: looked at, and not needed",
        "A step can receive much attention, and the output loses nothing without it. Attention says where a head looks, not what decides.",
        "Look at the marked step in both figures, and at the tallest bar of the lower one.",
        r"\begin{array}{l} a_t = \tfrac{1}{L H T} \textstyle\sum_{l,h,q} \alpha^{(l,h)}_{q,t} \\ "
        r"d_t = \hat y(x) - \hat y(x \text{ without step } t) \end{array}",
        "complex_lstm.interpretation.asking:Asked.without",
        _idle_step,
        _ask_idle,
        blocks=2,
        exhibits=(
            Exhibit(
                "Attention that each step receives, above what the output loses without the step",
                _looked_and_needed,
                "attention: mean over layers, heads and queries; loss: the step's features at their training means",
            ),
        ),
    ),
    Chapter(
        "Failure: a zero that is no absence",
        "To remove a feature something must stand in its place. With 0 in the file's units it can be a value that never occurs, and the "
        "importance "
        "is then that of the model's surprise.",
        "Compare the bars of the two baselines. Where they differ, ask which of the two could be a value of the file.",
        r"d_f = \hat y(x) - \hat y(x \text{ with } v_f = 0)",
        "complex_lstm.interpretation.ablation:ablate_features",
        _leading_by_zero,
        _ask_leader,
        exhibits=(
            Exhibit(
                "Share of each feature in all importance, by two baselines", _two_baselines, "ablation of whole features, by two baselines"
            ),
        ),
        sample="nyc_weather",
    ),
)
