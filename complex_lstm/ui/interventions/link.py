"""The interventions that a visitor can choose, as small values and as the text of a link.

`head-0-2,gate-0.5` silences attention head 2 of layer 0 and holds the gate at one half. All numbers count from 0 except
convolution stages, as in `model.interventions`.
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
    """One pooled vector is its average over many windows."""

    pool: Pool


@dataclass(frozen=True)
class EnsembleHeadAtAverage:
    """One ensemble head says its average over many windows."""

    ensemble_head: int


@dataclass(frozen=True)
class PatchedFrom:
    """One box has its value in another window."""

    name: str
    number: int
    window: int

    @property
    def site(self) -> Site:
        return Site(self.name, self.number)


@dataclass(frozen=True)
class StepsPatchedFrom(PatchedFrom):
    """One box has at the steps first to last its value in another window."""

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

# In this order they act at one box: a whole layer before a head of it, and what is patched last.
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
    """Return the switches of a text. Whether the model has such places is for the interventions to say."""
    read = _CODEC.read(text)
    return Parsed(in_order(tuple(map(_renamed, read.values))), read.rejected)


def _renamed(switch: Switch) -> Switch:
    """Return a switch with the name that its site has today."""
    return replace(switch, name=site_named(switch.name).name) if isinstance(switch, PatchedFrom) else switch
