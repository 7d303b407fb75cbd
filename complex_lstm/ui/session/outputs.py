"""Which of many outputs a figure shows: the most probable classes or the largest targets, those that a search finds, or all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.features import MOST_SHOWN, choose_features
from complex_lstm.ui.session.scene import target_of


def order_of_outputs(scene: Scene, outputs: np.ndarray | None = None) -> list[int]:
    """Return all outputs, the explained one and the window's class first, then the most probable classes, or the targets furthest from 0.

    `outputs` are the model's, in its own scale; without them they are those of the scene's window. For a target 0 is its mean in
    training, or no change.
    """
    if outputs is None:
        outputs = cache.window_trace(scene.keys, scene.number).prediction[0].numpy()
    sizes = outputs if scene.is_classes else np.abs(outputs)
    front = [target_of(scene)]
    if scene.is_classes and (label := str(scene.dataset.windows.label[scene.number])) in scene.outputs:
        front.append(scene.outputs.index(label))
    return list(dict.fromkeys([*front, *np.argsort(-sizes, kind="stable").tolist()]))


def choose_outputs(
    scene: Scene, key: str, order: Sequence[int] | None = None, *, first: str = "", note: str = "", always: Iterable[int] = ()
) -> list[int]:
    """Return the outputs to show, by number and in their order; of more than 12 draw a search, the groups and "all", as of features.

    `order` is all outputs, without it those of the window that `order_of_outputs` has first; `always` are shown in any case.
    """
    what = "classes" if scene.is_classes else "targets"
    if len(scene.outputs) <= MOST_SHOWN:
        return list(range(len(scene.outputs)))
    if order is None:
        order = order_of_outputs(scene)
        first = f"explained one and the {'most probable' if scene.is_classes else 'largest'}"
    return choose_features(scene.outputs, key, [*dict.fromkeys([*always, *order])], first=first, note=note, what=what)


def listed_outputs(scene: Scene) -> Sequence[int]:
    """Return the outputs as a list to choose one from has them: in the file's order, many of them by their size."""
    return range(len(scene.outputs)) if len(scene.outputs) <= MOST_SHOWN else order_of_outputs(scene)
