"""One sentence on how far an explanation can be trusted, by rules that are shown with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from complex_lstm.interpretation.both_ends import KEEPS, TAKES
from complex_lstm.interpretation.evidence import CLEAR, CONFIDENT, MapEvidence, WindowEvidence
from complex_lstm.interpretation.explanation import CompleteAttribution, Explanation, UnsignedAttribution
from complex_lstm.interpretation.robustness import Infidelity
from complex_lstm.interpretation.sanity import SPIKE, STUBBORN, first_step_spike
from complex_lstm.languages import mark

Standing = Literal["faithful", "half", "chance", "nothing"]

MORE_CELLS = 2.5  # times the fewest cells that were found to do the same, and a map has too many
IDLE = 0.1  # of a map's first cells may lie in groups that matter to nothing
BEYOND_COPIES = 0.25  # of the gap: what a map does beyond the mean of copies of it that are moved in time and between features
OPEN_SUM = 0.1
UNSTEADY = 1.0  # change of the map, as a share of its norm, for a window that hardly changed

RULES: dict[Standing, str] = {
    "faithful": (
        f"its first cells alone keep {KEEPS:.0%} of the difference from the baseline, and without them {TAKES:.0%} of it or more is gone; "
        f"they are at most {MORE_CELLS} times as many as the fewest cells found that do both, at most {IDLE:.0%} of them lie in groups "
        "without which the others do as well, and copies of the map that are moved in time and between features do "
        f"{BEYOND_COPIES:.0%} less or worse"
    ),
    "half": "it does one of the two, or both with many more cells than are needed, some of them where nothing matters",
    "chance": "its first cells, up to 30% of all, neither keep the prediction when alone nor take it away when removed",
    "nothing": (
        f"the baseline changes less than {CONFIDENT:.0%} of probability, or of values less than {CLEAR:.0%} of their usual spread; "
        "or no 30% of the cells keep the prediction"
    ),
}
WORDS: dict[Standing, str] = {
    "faithful": mark("The prediction depends on its top cells"),
    "half": mark("Its top cells matter, but so do others, or many of them do not matter"),
    "chance": mark("The prediction does not depend on its top cells"),
    "nothing": mark("Nothing to explain against this baseline"),
}
# Of maps with each verdict, how many were right, of how many: on the planted tasks that no part of the rule was set with. A map
# is right if it ranks the cells that decide with an AUPRC of 0.5 or more. Measured by `python -m benchmarks.verdicts`.
WORTH: dict[Standing, tuple[int, int]] = {"faithful": (371, 410), "half": (49, 183), "chance": (12, 83)}
NOT_MEASURED = "what maps with this verdict are worth was not measured against a baseline chosen by itself"
WARNINGS = (
    f"the sum of a method that should be complete misses the gap by more than {OPEN_SUM:.0%}",
    f"the first step is more than {SPIKE:.0f} times the median of the other steps that have any",
    "the infidelity is no better than that of the same cells shuffled",
    f"max-sensitivity is above {UNSTEADY:.0%} (once it is computed in the view Faithfulness)",
    f"the similarity with random weights, or with the shuffled-label control, is above {STUBBORN} (once it is computed in the view Sanity)",
)


@dataclass(frozen=True)
class Verdict:
    """How far a map can be trusted on one window, in words, with the numbers and the rule behind it.

    measured  what maps with this verdict were worth where the answer is known, "" where there was nothing to judge
    """

    method: str
    standing: Standing
    words: str
    numbers: str
    rule: str
    measured: str
    warnings: tuple[str, ...]


def judge(explanation: Explanation, found: MapEvidence, window: WindowEvidence, *, unit: str, by_itself: bool = False) -> Verdict:
    """Return the verdict on an explanation from what is known of its window, and how its first cells fare on it.

    `unit` is the explained output's, "" for logits. What a verdict is worth was measured against the mean baseline; against one that
    was chosen by itself (`by_itself`) it says that it was not. The rule is about this window and baseline alone. Windows with cells
    removed are unlike any data, and what the model says of them is taken at its word.
    """
    standing = standing_of(found, window)
    return Verdict(
        explanation.method,
        standing,
        WORDS[standing],
        _numbers(found, window, unit),
        RULES[standing],
        NOT_MEASURED if by_itself and standing != "nothing" else worth(standing),
        _warnings(explanation),
    )


def worth(standing: Standing) -> str:
    """Return in words how many maps with this verdict were right where the answer is known, "" where this was not measured."""
    right, count = WORTH.get(standing, (0, 0))
    return f"maps with this verdict were right in {100 * right / count:.0f} of 100 cases with a known answer" if count else ""


def standing_of(found: MapEvidence, window: WindowEvidence) -> Standing:
    """Return what the numbers come to by the rule."""
    if not window.something:
        return "nothing"
    does_both, better = found.needed < 1, _beats_copies(found)
    if does_both and better and found.needed <= MORE_CELLS * window.needed and found.idle <= IDLE:
        return "faithful"
    return "half" if better and (does_both or found.kept >= KEEPS or found.taken >= TAKES) else "chance"


def _beats_copies(found: MapEvidence) -> bool:
    """Return whether the map does more than copies of it that are moved, where there are some."""
    return not len(found.moved) or min(found.kept, found.taken) - float(found.moved.mean()) >= BEYOND_COPIES


def _numbers(found: MapEvidence, window: WindowEvidence, unit: str) -> str:
    gap = f"{_short(window.intact - window.empty)}{f' {unit}' if unit else ''}"
    if window.step < 1:
        return f"the prediction differs by {gap} from that of the baseline, {window.step:.0%} of the least that counts here"
    if not window.something:
        return f"the prediction differs by {gap} from that of the baseline, and no 30% of the cells were found that keep it"
    moved = ""
    if len(found.moved):
        reached = f"{_percent(found.moved.mean())} (at most {_percent(found.moved.max())})"
        moved = f"copies of the map moved in time and between features reach {reached}; "
    return (
        f"of the difference from the baseline, {gap}, its first {found.share:.1%} of the cells alone keep {_percent(found.kept)}, and "
        f"without them {_percent(found.taken)} is gone; {moved}the fewest cells found that do both are {window.needed:.1%}, and "
        f"{found.idle:.0%} of its first cells are in groups that change nothing"
    )


def _percent(part: float) -> str:
    """Return a part of the gap, without decimals and without a negative zero."""
    return f"{round(100 * float(part)) + 0}%"


def further_warnings(
    *,
    infidelity: Infidelity | None = None,
    sensitivity: float | None = None,
    random_weights: float | None = None,
    shuffled_labels: float | None = None,
) -> tuple[str, ...]:
    """Return the warnings from other checks of an explanation, of those that are computed.

    infidelity       how well its cells add up to the effect of removals
    sensitivity      how far its map changes for a window that hardly changed, as a share of its norm
    random_weights   the similarity of its map with that of a model whose weights are all random
    shuffled_labels  the similarity of its map with that of a model trained on shuffled labels
    """
    found = []
    if infidelity is not None and infidelity.of_method >= infidelity.of_shuffled.min():
        found.append(f"its cells sum to the effect of removals no better than shuffled ones (infidelity {infidelity.of_method:.2g})")
    if sensitivity is not None and sensitivity > UNSTEADY:
        found.append(f"for a window that hardly changed it changes by {sensitivity:.0%} of its norm")
    if random_weights is not None and random_weights > STUBBORN:
        found.append(f"its map with random weights has a similarity of {random_weights:.2f}, so it shows the input rather than the model")
    if shuffled_labels is not None and shuffled_labels > STUBBORN:
        found.append(f"its map of a model trained on shuffled labels has a similarity of {shuffled_labels:.2f}")
    return tuple(found)


def _short(value: float) -> str:
    """Return a number with three digits, or from a thousand on as a whole number with separators."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.3g}"


def _warnings(explanation: Explanation) -> tuple[str, ...]:
    found = []
    attribution, spike = explanation.attribution, first_step_spike(explanation.cells)
    if isinstance(attribution, CompleteAttribution) and OPEN_SUM < attribution.completeness_error < np.inf:
        found.append(f"its sum misses the gap by {attribution.completeness_error:.0%}, so its cells should not be added up")
    if spike > SPIKE:
        size = f"{spike:.0f} times its median step" if spike < np.inf else "the only one with any importance"
        found.append(f"its first step is {size}, which recurrent models show without a cause in the data (captum #594)")
    if isinstance(explanation.attribution, UnsignedAttribution):
        found.append("it has no sign: it does not show which cells raise the output and which lower it")
    return tuple(found)
