"""How many decimals a target is shown with: as many as its unit deserves, the same wherever two of its values are compared."""

from __future__ import annotations

import numpy as np

from complex_lstm.ui.cache import Scene

MOST = 6


def decimals(scene: Scene, output: int) -> int:
    """Return the decimals that show a hundredth of what the model learned to tell apart: a target's spread, or that of its change."""
    spread = scene.dataset.scaling.target_std[output]
    return int(np.clip(2 - np.floor(np.log10(spread)), 0, MOST)) if spread > 0 else 2


def shown(scene: Scene, output: int, value: float, *, sign: bool = False) -> str:
    """Return a value of an output in its decimals, with separators of thousands; of a change, the `sign` also where it is positive."""
    return change(value, decimals(scene, output)) if sign else f"{value:,.{decimals(scene, output)}f}"


def change(value: float, places: int) -> str:
    """Return a change with its sign, and none where it rounds to zero."""
    return f"{value:+,.{places}f}" if round(value, places) else f"{0:.{places}f}"
