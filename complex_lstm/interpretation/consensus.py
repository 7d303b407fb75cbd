"""One map out of several, each weighted by how faithful it was measured to be on this window."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.ndimage import uniform_filter1d

from complex_lstm.interpretation.ablation import occlusion
from complex_lstm.interpretation.asking import Asked
from complex_lstm.interpretation.explanation import Attribution, UnsignedAttribution
from complex_lstm.interpretation.faithfulness import Curves, faithfulness, random_faithfulness
from complex_lstm.interpretation.gradients import gradient_shap, integrated_gradients
from complex_lstm.interpretation.shapley import shapley

STRETCHES = (1 / 20, 1 / 10, 1 / 6)  # of the window: occlusion sees an event best with a stretch of its length
SMOOTHED = 1 / 16  # of the window, the steps over which a map is averaged: a lone cell is noise more often than news
FLOOR = 1e-5  # so that one map's zero does not veto a cell that all others name


def consensus(asked: Asked) -> UnsignedAttribution:
    """Return the weighted geometric mean of Shapley, Integrated Gradients, Gradient SHAP and occlusion at three lengths.

    A map counts as its cells' shares of its absolute sum, averaged over a sixteenth of the time: the logarithmic opinion
    pool (Genest and Zidek 1986). Its weight is what its ranking gains over random rankings in comprehensiveness times
    what it gains in sufficiency, both as shares of the gap and cut at 0 and 1. Where no map gains anything all weigh alike.
    It inherits what its members share: one baseline, and removals unlike any data. It has no sign.
    """
    members: dict[str, Attribution] = {f"occlusion of {stretch:.0%}": occlusion(asked, stretch) for stretch in STRETCHES}
    members |= {"Shapley": shapley(asked), "Integrated Gradients": integrated_gradients(asked), "Gradient SHAP": gradient_shap(asked)}
    chance = random_faithfulness(asked)
    weights = np.array([_gain(faithfulness(asked, member), chance) for member in members.values()])
    weights = weights / weights.sum() if weights.sum() else np.full(len(members), 1 / len(members))
    logs = np.stack([np.log(_share(member) + FLOOR) for member in members.values()])
    cells = np.exp(np.tensordot(weights, logs, axes=1))
    shares = ", ".join(f"{name} {weight:.0%}" for name, weight in zip(members, weights, strict=True))
    return UnsignedAttribution(cells, cells.sum(axis=0), f"weights: {shares}")


def _gain(curves: Curves, chance: Curves) -> float:
    gap = abs(chance.intact - chance.empty)
    if not gap:
        return 0.0
    removed = float(curves.comprehensiveness[0] - chance.comprehensiveness.mean()) / gap
    kept = float(chance.sufficiency.mean() - curves.sufficiency[0]) / gap
    return float(np.clip(removed, 0, 1) * np.clip(kept, 0, 1))


def _share(member: Attribution) -> Float[np.ndarray, "time feature"]:
    sizes = uniform_filter1d(np.abs(member.cells), max(1, round(SMOOTHED * len(member.cells))), axis=0, mode="nearest")
    total = sizes.sum()
    return sizes / total if total else np.full(sizes.shape, 1 / sizes.size)
