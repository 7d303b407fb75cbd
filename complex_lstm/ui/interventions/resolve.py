"""The switches of the selection, turned into interventions on a scene's model."""

from __future__ import annotations

from dataclasses import dataclass

from complex_lstm.errors import ComplexLSTMError, InterventionError
from complex_lstm.interpretation.components import Averages
from complex_lstm.model import Trace
from complex_lstm.model.hooks import Intervention
from complex_lstm.model.interventions import AverageEnsembleHead, Patch, PatchSteps, ReplacePooled
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.interventions.averages import ALL, averaged, averages, is_over_all
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

AtAverage = PooledAtAverage | EnsembleHeadAtAverage


@dataclass(frozen=True)
class Setting:
    """The switches that fit this model and window, their interventions, and why other switches of the link are left out.

    `pending` are those that fit and wait for the averages over all windows: until then they do nothing.
    """

    switches: tuple[Switch, ...]
    interventions: tuple[Intervention, ...]
    warnings: tuple[str, ...]
    pending: tuple[Switch, ...] = ()

    @property
    def chosen(self) -> tuple[Switch, ...]:
        """The switches that act, and those that wait."""
        return (*self.switches, *self.pending)

    @property
    def text(self) -> str:
        """The switches as text, and whether their averages are over all windows: part of the keys of cached results."""
        return as_text(self.switches) + (f" averages {ALL}" if self._holds_averages and is_over_all() else "")

    @property
    def _holds_averages(self) -> bool:
        return any(isinstance(one, AtAverage) for one in self.switches)

    def words(self, scene: Scene) -> str:
        """What the switches do, and over which windows their averages are."""
        over = f" (average over {averaged(scene.keys).words})" if self._holds_averages else ""
        return "; ".join(switch_label(one, scene.model.config) for one in self.switches) + over or "as it is"


def read_setting(scene: Scene) -> Setting:
    """Return the setting of the selection. A switch that does not fit this model or window is left out, with the reason."""
    read = read_switches(current().interventions)
    switches: list[Switch] = []
    pending: list[Switch] = []
    interventions: list[Intervention] = []
    warnings = [f"The link has a switch that cannot be read, and is left out: {piece}." for piece in read.rejected]
    for switch in read.values:
        try:
            made = make_intervention(scene, switch)
            if made is not None:
                made.check(scene.model.config)
        except ComplexLSTMError as error:
            warnings.append(f"{error} The switch is left out.")
            continue
        if made is None:
            pending.append(switch)
            label = switch_label(switch, scene.model.config)
            warnings.append(f"{label[:1].upper()}{label[1:]} does nothing until all windows are averaged.")
        else:
            switches.append(switch)
            interventions.append(made)
    return Setting(tuple(switches), tuple(interventions), tuple(warnings), tuple(pending))


def make_intervention(scene: Scene, switch: Switch) -> Intervention | None:
    """Return the intervention of a switch, with the trace of another window that it needs; None until the averages that it needs are there.

    Raises:
        InterventionError: the window to patch from does not exist, or has another length or no such steps.
    """
    if isinstance(switch, AtAverage):
        found = averages(scene.keys)
        return None if found is None else _at_average(switch, found)
    return _patch(scene, switch) if isinstance(switch, PatchedFrom) else switch


def _at_average(switch: PooledAtAverage | EnsembleHeadAtAverage, found: Averages) -> Intervention:
    if isinstance(switch, PooledAtAverage):
        return ReplacePooled(switch.pool, found.pooled[list(POOLS).index(switch.pool)])
    return AverageEnsembleHead(switch.ensemble_head, found.ensemble_head_outputs)


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
