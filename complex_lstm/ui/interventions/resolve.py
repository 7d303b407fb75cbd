"""From the switches of the selection to interventions on a scene's model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from complex_lstm.errors import ComplexLSTMError, InterventionError
from complex_lstm.interpretation.components import Averages, average_over
from complex_lstm.interpretation.global_importance import evenly_spread
from complex_lstm.model import Trace
from complex_lstm.model.device import pick_device
from complex_lstm.model.hooks import Intervention
from complex_lstm.model.interventions import AverageEnsembleHead, Patch, PatchSteps, ReplacePooled
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.interventions.labels import POOLS, switch_words
from complex_lstm.ui.interventions.link import (
    EnsembleHeadAtAverage,
    PatchedFrom,
    PooledAtAverage,
    StepsPatchedFrom,
    Switch,
    as_text,
    read_switches,
)
from complex_lstm.ui.session.state import current

AVERAGED = 256  # windows, evenly spread, that an average is taken over


@dataclass(frozen=True)
class Setting:
    """The switches that work on this model and window, what they do to it, and what the link asks for in vain."""

    switches: tuple[Switch, ...]
    interventions: tuple[Intervention, ...]
    troubles: tuple[str, ...]

    @property
    def text(self) -> str:
        """What caches know it by."""
        return as_text(self.switches)

    def words(self, scene: Scene) -> str:
        return "; ".join(switch_words(one, scene.model.config) for one in self.switches) or "as it is"


def read_setting(scene: Scene) -> Setting:
    """Return the setting of the selection. A switch that this model or window does not take is left out, with the reason."""
    read = read_switches(current().interventions)
    switches: list[Switch] = []
    interventions: list[Intervention] = []
    troubles = [f"The link has a switch that cannot be read, and is left out: {piece}." for piece in read.rejected]
    for switch in read.values:
        try:
            made = make_intervention(scene, switch)
            made.check(scene.model.config)
        except ComplexLSTMError as error:
            troubles.append(f"{error} The switch is left out.")
        else:
            switches.append(switch)
            interventions.append(made)
    return Setting(tuple(switches), tuple(interventions), tuple(troubles))


def make_intervention(scene: Scene, switch: Switch) -> Intervention:
    """Return what a switch does, with what it needs of other windows.

    Raises:
        InterventionError: it wants something of a window that is not there, or of another length.
    """
    if isinstance(switch, PooledAtAverage):
        return ReplacePooled(switch.pool, averages(scene.keys).pooled[list(POOLS).index(switch.pool)])
    if isinstance(switch, EnsembleHeadAtAverage):
        return AverageEnsembleHead(switch.ensemble_head, averages(scene.keys).ensemble_head_outputs)
    if isinstance(switch, PatchedFrom):
        return _patch(scene, switch)
    return switch


def averages(keys: tuple[str, str, str, int]) -> Averages:
    """Return the averages over the windows that stand for all."""

    def make() -> Averages:
        return average_over(cache.checkpoint(keys[1]).model, cache.dataset(*keys), averaged_windows(keys), device=pick_device())

    return cache.remember("averages", keys, make, most=16)


def averaged_windows(keys: tuple[str, str, str, int]) -> np.ndarray:
    """Return the windows to average over: of the training part, or of all where it is not known."""
    windows = cache.dataset(*keys).windows
    training = windows.of_part("training")
    return evenly_spread(training if len(training) else np.arange(len(windows)), AVERAGED)


def switched_trace(scene: Scene, setting: Setting) -> Trace:
    """Return the trace of the scene's window under a setting, which is known by its text, on the CPU."""
    if not setting.switches:
        return cache.window_trace(scene.keys, scene.number)
    return cache.cached_trace(("switched", scene.keys, scene.number, setting.text), scene.keys, scene.inputs, setting.interventions)


def _patch(scene: Scene, switch: PatchedFrom) -> Intervention:
    windows = scene.dataset.windows
    if switch.window >= len(windows):
        raise InterventionError(f"There is no window {switch.window} to patch from: there are windows 0 to {len(windows) - 1}.")
    lengths = [int(windows.length[number]) for number in (scene.number, switch.window)]
    if switch.site.has_time and lengths[0] != lengths[1]:
        raise InterventionError(
            f"Window {scene.number} has {lengths[0]} steps and window {switch.window} has {lengths[1]}, so nothing over time can be "
            f"patched between them. Choose a window of the same length, or a vector after pooling."
        )
    donor = cache.window_trace(scene.keys, switch.window)
    if not isinstance(switch, StepsPatchedFrom):
        return Patch(switch.site, donor)
    if not 0 <= switch.first <= switch.last < lengths[0]:
        raise InterventionError(f"There are no steps {switch.first} to {switch.last} in a window of {lengths[0]} steps, from 0 on.")
    return PatchSteps(switch.site, donor, switch.steps)
