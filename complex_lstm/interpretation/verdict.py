"""One plain sentence on how far an explanation can be trusted, made by rules that are shown with it."""

from __future__ import annotations

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
UNSTEADY = 1.0  # change of the map, as a share of its norm, for a window that hardly moved

RULES: dict[Standing, str] = {
    "faithful": f"better than all {RANKINGS} random rankings, both in what its top cells take away and in what they keep",
    "half": f"better than all {RANKINGS} random rankings in one of the two, and not in the other",
    "chance": f"better than all {RANKINGS} random rankings in neither, like {RANKINGS - 1} in {RANKINGS + 1} random rankings or more",
    "nothing": "the output is hardly other than with every cell at the baseline, so that there is nothing to rank",
}
WORDS: dict[Standing, str] = {
    "faithful": "Its top cells are the ones that the prediction hangs on",
    "half": "Its top cells matter, but they are not the whole story",
    "chance": "No better than chance on this window",
    "nothing": "Nothing to explain against this baseline",
}
WARNINGS = (
    f"the sum of a method that should be complete misses the gap by more than {OPEN_SUM:.0%}",
    f"the first step is more than {SPIKE:.0f} times the median of the other steps that have any",
    "the infidelity is no better than that of the same cells shuffled",
    f"max-sensitivity is above {UNSTEADY:.0%} (once it is computed in the view Faithfulness)",
    f"the likeness with random weights, or with the twin, is above {STUBBORN} (once it is computed in the view Sanity)",
)


@dataclass(frozen=True)
class Verdict:
    """A method's standing on one window, in words, with the numbers and the rule that made it."""

    method: str
    standing: Standing
    words: str
    numbers: str
    rule: str
    warnings: tuple[str, ...]


def judge(explanation: Explanation, curves: Curves, chance: Curves, *, unit: str, spread: float) -> Verdict:
    """Return the verdict on an explanation from its curves and those of the random rankings.

    `unit` is the explained output's, "" for logits; `spread` is its standard deviation over the data, against which a
    gap can be called small. The rule looks at this window and baseline alone. Random rankings scatter their cells, and
    a model may mind scattered holes less, or more, than whole stretches.
    """
    removed, kept = float(curves.comprehensiveness[0]), float(curves.sufficiency[0])
    takes_away = bool((removed > chance.comprehensiveness).all())
    keeps = bool((kept < chance.sufficiency).all())
    standing: Standing = "faithful" if takes_away and keeps else "half" if takes_away or keeps else "chance"
    if abs(chance.intact - chance.empty) <= FLAT * spread:
        standing = "nothing"
    numbers = (
        f"towards the baseline the output goes back by {removed:.3g}{f' {unit}' if unit else ''} without its top cells "
        f"(random {_spread(chance.comprehensiveness)}) and by {kept:.3g} with them alone (random {_spread(chance.sufficiency)})"
    )
    return Verdict(explanation.method, standing, WORDS[standing], numbers, RULES[standing], _warnings(explanation))


def warn_of_infidelity(found: Infidelity) -> tuple[str, ...]:
    """Return a warning where the cells add up no better than they do in random places."""
    if found.of_method < found.of_shuffled.min():
        return ()
    return (f"its cells add up to what removals do no better than shuffled ones (infidelity {found.of_method:.2g})",)


def warn_of_sensitivity(most: float) -> tuple[str, ...]:
    """Return a warning where the map changes by more than itself for a window that hardly moved."""
    return (f"for a window that hardly moved it changes by {most:.0%} of itself",) if most > UNSTEADY else ()


def warn_of_random_weights(left: float) -> tuple[str, ...]:
    """Return a warning where the map stays alike when every weight is random."""
    return (f"it keeps a likeness of {left:.2f} when every weight is random, so it shows the input",) if left > STUBBORN else ()


def warn_of_shuffled_labels(alike: float) -> tuple[str, ...]:
    """Return a warning where the map is alike on a twin that was trained on shuffled labels."""
    return (f"it is alike ({alike:.2f}) on a twin that was trained on shuffled labels",) if alike > STUBBORN else ()


def _spread(values: Float[np.ndarray, " ranking"]) -> str:
    return f"{values.mean():.3g} ± {values.std():.2g}"


def _warnings(explanation: Explanation) -> tuple[str, ...]:
    found = []
    attribution, spike = explanation.attribution, first_step_spike(explanation.cells)
    if isinstance(attribution, CompleteAttribution) and OPEN_SUM < attribution.completeness_error < np.inf:
        found.append(f"its sum misses the gap by {attribution.completeness_error:.0%}, so its sizes are not to be added up")
    if spike > SPIKE:
        size = f"{spike:.0f} times its median step" if spike < np.inf else "the only one that it names"
        found.append(f"its first step is {size}, which recurrent models show without a cause (captum #594)")
    if isinstance(explanation.attribution, UnsignedAttribution):
        found.append("it has no sign: it cannot tell what speaks for from what speaks against")
    return tuple(found)
