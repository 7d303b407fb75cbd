"""One sentence on how far an explanation can be trusted, by rules that are shown with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from complex_lstm.interpretation.explanation import CompleteAttribution, Explanation, UnsignedAttribution
from complex_lstm.interpretation.faithfulness import RANKINGS, Curves
from complex_lstm.interpretation.robustness import Infidelity
from complex_lstm.interpretation.sanity import SPIKE, STUBBORN, first_step_spike

Standing = Literal["faithful", "half", "chance", "nothing"]

FLAT = 0.01  # a gap below this share of the explained output's spread is nothing to explain
OPEN_SUM = 0.1
UNSTEADY = 1.0  # change of the map, as a share of its norm, for a window that hardly changed

RULES: dict[Standing, str] = {
    "faithful": f"better than all {RANKINGS} random rankings, both when its top cells are removed and when only they are kept",
    "half": f"better than all {RANKINGS} random rankings in one of the two, and not in the other",
    "chance": f"better than all {RANKINGS} random rankings in neither, like {RANKINGS - 1} in {RANKINGS + 1} random rankings or more",
    "nothing": "the output hardly differs from the output with every cell at the baseline, so that there is nothing to rank",
}
WORDS: dict[Standing, str] = {
    "faithful": "The prediction depends on its top cells",
    "half": "Its top cells matter, but so do others",
    "chance": "No better than chance on this window",
    "nothing": "Nothing to explain against this baseline",
}
WARNINGS = (
    f"the sum of a method that should be complete misses the gap by more than {OPEN_SUM:.0%}",
    f"the first step is more than {SPIKE:.0f} times the median of the other steps that have any",
    "the infidelity is no better than that of the same cells shuffled",
    f"max-sensitivity is above {UNSTEADY:.0%} (once it is computed in the view Faithfulness)",
    f"the similarity with random weights, or with the shuffled-label control, is above {STUBBORN} (once it is computed in the view Sanity)",
)


@dataclass(frozen=True)
class Verdict:
    """How a method ranks against chance on one window, in words, with the numbers and the rule behind it."""

    method: str
    standing: Standing
    words: str
    numbers: str
    rule: str
    warnings: tuple[str, ...]


def judge(explanation: Explanation, curves: Curves, chance: Curves, *, unit: str, spread: float) -> Verdict:
    """Return the verdict on an explanation from its curves and those of the random rankings.

    `unit` is the explained output's, "" for logits; `spread` is its standard deviation over the data, against which a
    gap can be called small. The rule is about this window and baseline alone. Random rankings scatter their cells, and
    a model may react less, or more, to scattered removals than to those of whole stretches.
    """
    removed, kept = float(curves.comprehensiveness[0]), float(curves.sufficiency[0])
    takes_away = bool((removed > chance.comprehensiveness).all())
    keeps = bool((kept < chance.sufficiency).all())
    standing: Standing = "faithful" if takes_away and keeps else "half" if takes_away or keeps else "chance"
    if abs(chance.intact - chance.empty) <= FLAT * spread:
        standing = "nothing"
    numbers = (
        f"removing the cells it ranks highest moves the prediction by {_short(removed)}{f' {unit}' if unit else ''} towards the baseline, "
        f"removing as many random cells by {_mean_and_deviation(chance.comprehensiveness)}; "
        f"keeping only these cells moves it by {_short(kept)}, keeping as many random cells by {_mean_and_deviation(chance.sufficiency)}"
    )
    return Verdict(explanation.method, standing, WORDS[standing], numbers, RULES[standing], _warnings(explanation))


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


def _mean_and_deviation(values: Float[np.ndarray, " ranking"]) -> str:
    """Return mean ± standard deviation, the deviation with two digits and the mean with as many decimals."""
    deviation = float(values.std())
    if not deviation:
        return f"{_short(values.mean())} ± 0"
    decimals = max(0, 1 - math.floor(math.log10(deviation)))
    return f"{values.mean():,.{decimals}f} ± {deviation:,.{decimals}f}"


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
