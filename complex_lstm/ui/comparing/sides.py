"""What a view can be put beside: another window, another checkpoint, itself on the bench, or itself as edited."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from complex_lstm.errors import DataError
from complex_lstm.ui import cache
from complex_lstm.ui.bench.setting import Setting, switched_trace
from complex_lstm.ui.cache import Scene
from complex_lstm.ui.comparing.pair import EditedSide, Pair, Side
from complex_lstm.ui.what_if.edits import Bench


def before_and_after(scene: Scene, setting: Setting) -> Pair:
    """Return the window as it is, and under the switches of the bench."""
    after = Side("switched", scene, switched_trace(scene, setting), setting.interventions, setting.text or ())
    return Pair("bench", _as_it_is("as it is", scene), after)


def as_edited(bench: Bench) -> Pair:
    """Return the window as it is, and with the edits of the page What if."""
    after = EditedSide("as edited", bench.scene, bench.after, (), bench.edits, bench.window)
    return Pair("edits", _as_it_is("as it is", bench.scene), after)


def two_windows(scene: Scene, number: int) -> Pair:
    """Return the window beside another one of the same data."""
    other = replace(scene, number=number)
    return Pair("window", _as_it_is(f"window {scene.number}", scene), _as_it_is(f"window {number}", other))


def two_models(scene: Scene, model: str, names: tuple[str, str]) -> Pair:
    """Return the window beside what another checkpoint makes of the same stretch of the same series.

    Raises:
        DataError: the other checkpoint reads no series of that name.
    """
    keys = (scene.keys[0], model, *scene.keys[2:])
    other = Scene(keys, cache.dataset(*keys), cache.checkpoint(model), 0)
    other = replace(other, number=_same_stretch(scene, other))
    return Pair("model", _as_it_is(names[0], scene), _as_it_is(names[1], other))


def _as_it_is(name: str, scene: Scene) -> Side:
    return Side(name, scene, cache.window_trace(scene.keys, scene.number), (), ())


def _same_stretch(scene: Scene, other: Scene) -> int:
    """Return the other data set's window that ends where the scene's window ends, or as near to it as there is one."""
    own, theirs = scene.dataset.windows, other.dataset.windows
    name = scene.dataset.series[int(own.series[scene.number])].name
    numbers = [number for number, one in enumerate(other.dataset.series) if one.name == name]
    found = np.flatnonzero(np.isin(theirs.series, numbers))
    if not len(found):
        raise DataError(f"The other checkpoint finds no window in the series {name!r}: it orders the file otherwise. Choose another one.")
    end = int(own.start[scene.number] + own.length[scene.number])
    return int(found[np.argmin(np.abs(theirs.start[found] + theirs.length[found] - end))])
