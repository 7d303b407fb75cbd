"""Consensus: one attribution from several, each weighted by its measured faithfulness on this window."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy.ndimage import uniform_filter1d

from complex_lstm.interpretation.ablation import USUAL_STRETCH, occlusion
from complex_lstm.interpretation.explanation import Attribution, UnsignedAttribution
from complex_lstm.interpretation.faithfulness import Curves, faithfulness, random_faithfulness
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.gradients import gradient_shap, integrated_gradients
from complex_lstm.interpretation.shapley import shapley

STRETCHES = (1 / 20, USUAL_STRETCH, 1 / 6)  # of the window: occlusion sees an event best with a stretch of its length
# What a map is averaged over, as a share of the window. A gradient's single large cell is mostly noise; Shapley's cells
# come in stretches of a tenth with jumps between them; occlusion is an average already.
GRADIENT_GRAIN, SHAPLEY_GRAIN, OCCLUSION_GRAIN = 1 / 16, 1 / 10, 0.0
FLOOR = 1e-5  # so that one map's zero does not cancel a cell that all others rate high
OF_GRADIENTS = {"integrated_gradients": "Integrated Gradients", "gradient_shap": "Gradient SHAP"}

MEMBERS: dict[str, Callable[[ForwardFunction], Attribution]] = {
    "occlusion": occlusion,
    "shapley": shapley,
    "integrated_gradients": integrated_gradients,
    "gradient_shap": gradient_shap,
}


def consensus(forward_func: ForwardFunction) -> UnsignedAttribution:
    """Return the weighted geometric mean of Shapley, Integrated Gradients, Gradient SHAP and occlusion at three lengths.

    A map counts as its cells' shares of its absolute sum, averaged over its grain of time: the logarithmic opinion pool
    (Genest and Zidek 1986). Its weight is what its ranking gains over random rankings in comprehensiveness times what
    it gains in sufficiency, both as shares of the gap and cut at 0 and 1. Where no map gains anything all weigh alike.

        c(t, i) = product over maps m of (shares of m at (t, i) + 1e-5) ^ weight of m

    It assumes that the errors of one map are not those of the others, and inherits what they share: one baseline, and
    removals unlike any data. It has no sign. Of a model without gradients it is that of Shapley and occlusion.
    """
    able = [name for name in MEMBERS if forward_func.has_gradients or name not in OF_GRADIENTS]
    members = {name: MEMBERS[name](forward_func) for name in able}
    return combine(forward_func, members, random_faithfulness(forward_func))


def combine(forward_func: ForwardFunction, members: Mapping[str, Attribution], chance: Curves) -> UnsignedAttribution:
    """Return the consensus of its members' attributions, by method, against the curves of random rankings."""
    maps = {
        f"occlusion of {stretch:.0%}": _shares(
            members["occlusion"] if stretch == USUAL_STRETCH else occlusion(forward_func, stretch), OCCLUSION_GRAIN
        )
        for stretch in STRETCHES
    }
    maps["Shapley"] = _shares(members["shapley"], SHAPLEY_GRAIN)
    maps |= {label: _shares(members[name], GRADIENT_GRAIN) for name, label in OF_GRADIENTS.items() if name in members}
    weights = np.array([_gain(faithfulness(forward_func, one), chance) for one in maps.values()])
    weights = weights / weights.sum() if weights.sum() else np.full(len(maps), 1 / len(maps))
    cells = np.exp(np.tensordot(weights, np.stack([np.log(one.cells + FLOOR) for one in maps.values()]), axes=1))
    named = ", ".join(f"{name} {weight:.0%}" for name, weight in zip(maps, weights, strict=True))
    without = [label for name, label in OF_GRADIENTS.items() if name not in members]
    left_out = f"; without {' and '.join(without)}, which need gradients" if without else ""
    return UnsignedAttribution(cells, cells.sum(axis=0), f"weights: {named}{left_out}")


def _gain(curves: Curves, chance: Curves) -> float:
    """Return what a ranking gains over random ones in comprehensiveness times what it gains in sufficiency, 0 to 1."""
    gap = abs(chance.intact - chance.empty)
    if not gap:
        return 0.0
    removed = float(curves.comprehensiveness[0] - chance.comprehensiveness.mean()) / gap
    kept = float(chance.sufficiency.mean() - curves.sufficiency[0]) / gap
    return float(np.clip(removed, 0, 1) * np.clip(kept, 0, 1))


def _shares(attribution: Attribution, grain: float) -> UnsignedAttribution:
    """Return the cells' shares of the absolute sum, averaged over this share of the window."""
    cells = np.abs(attribution.cells)
    sizes = uniform_filter1d(cells, max(1, round(grain * len(cells))), axis=0, mode="nearest")
    total = sizes.sum()
    shares = sizes / total if total else np.full(sizes.shape, 1 / sizes.size)
    return UnsignedAttribution(shares, shares.sum(axis=0), attribution.effort)
