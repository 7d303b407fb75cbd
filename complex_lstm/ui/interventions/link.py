"""The switches of the bench as small values, and as a text that fits a link.

`head-0-2,gate-0.5` silences attention head 2 of layer 0 and holds the gate at one half; all count from 0 except
convolution stages, as in `model.interventions`. What a link says that makes no sense is told, and left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from typing import get_args

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
from complex_lstm.model.sites import Site


@dataclass(frozen=True)
class PooledAtAverage:
    """One pooled vector is its average over many windows."""

    pool: Pool


@dataclass(frozen=True)
class MemberAtAverage:
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
Switch = Plain | PooledAtAverage | MemberAtAverage | PatchedFrom | StepsPatchedFrom

# In this order they act at one box: a whole layer before a head of it, and what is patched last.
WORDS: dict[str, type[Switch]] = {
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
    "average": MemberAtAverage,
    "patch": PatchedFrom,
    "steps": StepsPatchedFrom,
}
_ORDER = {kind: place for place, kind in enumerate(WORDS.values())}
_WORD_OF = {kind: word for word, kind in WORDS.items()}
MOST = 64  # switches in a link; more are nobody's wish


@dataclass(frozen=True)
class Read:
    """What a text asks for, and its pieces that make no sense."""

    switches: tuple[Switch, ...]
    nonsense: tuple[str, ...]


def in_order(switches: tuple[Switch, ...]) -> tuple[Switch, ...]:
    """Return the switches in the order in which they act, each once."""
    return tuple(sorted(dict.fromkeys(switches), key=lambda one: (_ORDER[type(one)], astuple(one))))


def as_text(switches: tuple[Switch, ...]) -> str:
    """Return the switches as text for a link."""
    return ",".join("-".join([_WORD_OF[type(one)], *_values(one)]) for one in in_order(switches))


def read_switches(text: str) -> Read:
    """Return the switches of a text. Whether the model has such places is for the interventions to say."""
    found: list[Switch] = []
    nonsense: list[str] = []
    for piece in filter(None, text.split(",")):
        switch = _read_piece(piece) if len(found) < MOST else None
        found += [switch] if switch else []
        nonsense += [] if switch else [piece]
    return Read(in_order(tuple(found)), tuple(nonsense))


def _values(switch: Switch) -> Iterator[str]:
    for value in astuple(switch):
        yield from map(str, value) if isinstance(value, tuple) else (f"{value:g}" if isinstance(value, float) else str(value),)


def _read_piece(piece: str) -> Switch | None:
    word, *values = piece.split("-")
    kind = WORDS.get(word)
    if kind is None:
        return None
    wanted = [field.type for field in fields(kind)]
    rest = values[len(wanted) - 1 :] if wanted[-1:] == ["tuple[int, ...]"] else None
    if len(values) != len(wanted) and not rest:
        return None
    try:
        given = [_read_value(value, str(want)) for value, want in zip(values, wanted, strict=False) if want != "tuple[int, ...]"]
        return kind(*given, *([tuple(_whole(value) for value in rest)] if rest else []))  # type: ignore[arg-type]  # as the fields say
    except ValueError:
        return None


def _read_value(value: str, wanted: str) -> str | int | float:
    if wanted == "Pool" and value not in get_args(Pool):
        raise ValueError(value)
    return _whole(value) if wanted == "int" else float(value) if wanted == "float" else value


def _whole(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise ValueError(value)
    return int(value)
