"""The interventions that a visitor can choose, as values and as the text of a link.

`head-0-2,gate-0.5` silences attention head 2 of layer 0 and sets the gate to 0.5. All numbers count from 0 except those of
the convolution stages, as in `model.interventions`.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace

from complex_lstm.model.interventions import (
    DropPositions,
    ForceGate,
    ForceGateChannels,
    SilenceAttention,
    SilenceEnsembleHead,
    SilenceHead,
    SilencePooled,
    SilenceScale,
    SkipBlock,
    UniformAttention,
    UniformHead,
)
from complex_lstm.model.interventions.outputs import Pool
from complex_lstm.model.sites import Site, site_named
from complex_lstm.ui.session.link import ListCodec, Parsed


@dataclass(frozen=True)
class PooledAtAverage:
    """Replaces one pooled vector by its average over many windows."""

    pool: Pool


@dataclass(frozen=True)
class EnsembleHeadAtAverage:
    """Replaces one ensemble head's output by its average over many windows."""

    ensemble_head: int


@dataclass(frozen=True)
class PatchedFrom:
    """Replaces the value at one site by that of another window."""

    name: str
    number: int
    window: int

    @property
    def site(self) -> Site:
        return Site(self.name, self.number)


@dataclass(frozen=True)
class StepsPatchedFrom(PatchedFrom):
    """Replaces the value at one site by that of another window, at the steps `first` to `last` (both included)."""

    first: int
    last: int

    @property
    def steps(self) -> tuple[int, ...]:
        return tuple(range(self.first, self.last + 1))


Plain = (
    DropPositions | SilenceScale | ForceGate | ForceGateChannels | SkipBlock | SilenceAttention | UniformAttention | UniformHead
    | SilenceHead | SilencePooled | SilenceEnsembleHead
)  # fmt: skip
Switch = Plain | PooledAtAverage | EnsembleHeadAtAverage | PatchedFrom | StepsPatchedFrom

# The order in which they act at one site: a whole layer before one of its heads, patches last.
CLASSES: dict[str, type[Switch]] = {
    "positions": DropPositions,
    "scale": SilenceScale,
    "gate": ForceGate,
    "channels": ForceGateChannels,
    "block": SkipBlock,
    "layer": SilenceAttention,
    "uniform": UniformAttention,
    "level": UniformHead,
    "head": SilenceHead,
    "pooled": SilencePooled,
    "poolaverage": PooledAtAverage,
    "member": SilenceEnsembleHead,
    "average": EnsembleHeadAtAverage,
    "patch": PatchedFrom,
    "steps": StepsPatchedFrom,
}
_ORDER = {kind: place for place, kind in enumerate(CLASSES.values())}
_CODEC: ListCodec[Switch] = ListCodec(CLASSES, separator="-", most=64)


def in_order(switches: tuple[Switch, ...]) -> tuple[Switch, ...]:
    """Return the switches in the order in which they act, each once."""
    return tuple(sorted(dict.fromkeys(switches), key=lambda one: (_ORDER[type(one)], astuple(one))))


def as_text(switches: tuple[Switch, ...]) -> str:
    """Return the switches as text for a link."""
    return _CODEC.write(in_order(switches))


def read_switches(text: str) -> Parsed[Switch]:
    """Return the switches of a text. Whether the model has the sites that they name is checked by the interventions."""
    read = _CODEC.read(text)
    renamed = (replace(one, name=site_named(one.name).name) if isinstance(one, PatchedFrom) else one for one in read.values)
    return Parsed(in_order(tuple(renamed)), read.rejected)  # with the current names of the sites
