"""The switches of the selection, turned into interventions on a scene's model."""

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
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.interventions.labels import POOLS, switch_label
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

AVERAGED = 256  # windows, evenly spread, over which an average is taken


@dataclass(frozen=True)
class Setting:
    """The switches that fit this model and window, their interventions, and why other switches of the link are left out."""

    switches: tuple[Switch, ...]
    interventions: tuple[Intervention, ...]
    warnings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The switches as text: part of the keys of cached results."""
        return as_text(self.switches)

    def words(self, scene: Scene) -> str:
        return "; ".join(switch_label(one, scene.model.config) for one in self.switches) or "as it is"


def read_setting(scene: Scene) -> Setting:
    """Return the setting of the selection. A switch that does not fit this model or window is left out, with the reason."""
    read = read_switches(current().interventions)
    switches: list[Switch] = []
    interventions: list[Intervention] = []
    warnings = [f"The link has a switch that cannot be read, and is left out: {piece}." for piece in read.rejected]
    for switch in read.values:
        try:
            made = make_intervention(scene, switch)
            made.check(scene.model.config)
        except ComplexLSTMError as error:
            warnings.append(f"{error} The switch is left out.")
        else:
            switches.append(switch)
            interventions.append(made)
    return Setting(tuple(switches), tuple(interventions), tuple(warnings))


def make_intervention(scene: Scene, switch: Switch) -> Intervention:
    """Return the intervention of a switch, with the averages or the trace of another window that it needs.

    Raises:
        InterventionError: the window to patch from does not exist, or has another length or no such steps.
    """
    if isinstance(switch, PooledAtAverage):
        return ReplacePooled(switch.pool, averages(scene.keys).pooled[list(POOLS).index(switch.pool)])
    if isinstance(switch, EnsembleHeadAtAverage):
        return AverageEnsembleHead(switch.ensemble_head, averages(scene.keys).ensemble_head_outputs)
    if isinstance(switch, PatchedFrom):
        return _patch(scene, switch)
    return switch


def averages(keys: tuple[str, str, str, int]) -> Averages:
    """Return the averages over windows of the training part, or of all parts where it is not known."""

    def make() -> Averages:
        dataset = cache.dataset(*keys)
        training = dataset.windows.of_part("training")
        averaged = evenly_spread(training if len(training) else np.arange(len(dataset.windows)), AVERAGED)
        return average_over(cache.checkpoint(keys[1]).model, dataset, averaged, device=pick_device())

    return cache.remember("averages", keys, make, most=16)


def switched_trace(scene: Scene, setting: Setting) -> Trace:
    """Return the trace of the scene's window under a setting, on the CPU. It is cached by the setting's text."""
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
