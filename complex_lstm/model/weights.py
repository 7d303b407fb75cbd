"""Weights from files as people have them: in several containers, wrapped, prefixed, with other tensors beside, in other precisions."""

from __future__ import annotations

import argparse
import pickle
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PosixPath, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from complex_lstm.errors import CheckpointError
from complex_lstm.zips import TooLargeError, open_zip

SUFFIXES = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")
WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "weights", "module")  # the first that holds our tensors is read
ADDED = ("module", "_orig_mod")  # by DataParallel and torch.compile, in front of any part
MARK = "input_proj.0.weight"  # the first tensor of this architecture: what stands before its name is a prefix
PARTS = {
    "input_proj", "pos_encoding", "temp_conv1", "temp_conv2", "fusion_gate", "lstm_blocks", "attention_layers", "output_heads",
    "ensemble_combiner", "gradient_scale",
}  # fmt: skip
DEPTH = 6  # of dictionaries in dictionaries that are searched
MOST_MEMBERS = 100_000  # of an archive: torch writes one a tensor
LONGEST_HEADER = 2**24  # bytes that describe the tensors of a safetensors file: a thousandth of it is usual
INFLATED = 50  # times the size of an archive that its members may have: weights hardly shrink

# What trainers keep beside the weights, and what cannot do anything where it is made from a file.
_HARMLESS: list[Any] = [
    argparse.Namespace, PosixPath, PurePosixPath, PureWindowsPath, np.dtype, np._core.multiarray.scalar,  # type: ignore[attr-defined]
    *(type(np.dtype(kind)) for kind in (bool, np.int32, np.int64, np.float32, np.float64)),
]  # fmt: skip


@dataclass(frozen=True)
class Weights:
    """The tensors of a file under the names of the architecture document, in single precision.

    `metadata` are the texts of a safetensors file; `notes` say in a sentence each what was left out or converted. `num_heads` is the
    number of attention heads that a trainer kept beside the weights, None where it kept none.
    """

    state: dict[str, Tensor]
    metadata: dict[str, str]
    notes: tuple[str, ...]
    num_heads: int | None = None


def read_weights(path: Path, name: str) -> Weights:
    """Return the weights in a file, which its messages call by `name`. Nothing in it is executed.

    Raises:
        CheckpointError: the file is damaged, holds what cannot be read without running it, or no weights of this architecture,
            or weights that are no floating-point numbers or not finite.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise CheckpointError(
            f"{name} ends in {path.suffix!r}. Checkpoints are .safetensors files, or state dicts as {', '.join(SUFFIXES[1:-1])} "
            f"or {SUFFIXES[-1]}."
        )
    if _is_safetensors(path):
        found, metadata = _read_safetensors(path, name)
    else:
        found, metadata = _read_torch(path, name), {}
    chosen, beside = _pick_state(found, name)
    named, notes = _pick_model(chosen, name)
    state, rounded = _in_single_precision(named, name)
    heads = _kept_heads(found)
    told = (f"Its trainer's settings, kept beside the weights, say {heads} attention heads.",) if heads else ()
    return Weights(state, metadata, (*beside, *notes, *rounded, *told), heads)


def _is_safetensors(path: Path) -> bool:
    """Return which of the two formats a file has, by its first bytes, and by its name where they tell nothing."""
    with path.open("rb") as file:
        begin = file.read(9)
    if begin[8:9] == b"{" and int.from_bytes(begin[:8], "little") < path.stat().st_size:  # before the others: a length may begin like them
        return True
    return begin[:2] != b"PK" and begin[:1] != b"\x80" and path.suffix.lower() == ".safetensors"


def _read_safetensors(path: Path, name: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    with path.open("rb") as begin:
        if int.from_bytes(begin.read(8), "little") > LONGEST_HEADER:
            raise CheckpointError(f"{name} is not a readable safetensors file (its header is too long). Export or download it again.")
    try:
        with safe_open(path, framework="pt") as file:
            return {key: file.get_tensor(key) for key in file.keys()}, file.metadata() or {}  # noqa: SIM118  # not a dict
    except (SafetensorError, OSError, ValueError, RuntimeError, AttributeError, KeyError) as error:
        raise CheckpointError(f"{name} is not a readable safetensors file ({error!s:.200}). Export or download it again.") from error


def _read_torch(path: Path, name: str) -> Any:
    again = "Export or download it again."
    if not path.stat().st_size:
        raise CheckpointError(f"{name} is empty. {again}")
    try:
        if zipfile.is_zipfile(path):
            with path.open("rb") as file, open_zip(file, entries=MOST_MEMBERS, expanded=2**50, ratio=INFLATED) as archive:
                if any(member.filename.endswith("/constants.pkl") for member in archive.infolist()):
                    raise CheckpointError(
                        f"{name} is a TorchScript program, which would be run to read it. Save the weights of the model that it was "
                        f"made from: torch.save(model.state_dict(), ...)."
                    )
                if archive.testzip() is not None:  # torch.load does not compare the check sums
                    raise CheckpointError(f"{name} is damaged: some of its bytes are not those that were written. {again}")
        with torch.serialization.safe_globals(_HARMLESS), path.open("rb") as file:  # of a path torch.load trusts the ending
            return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{name} holds more than tensors, and reading that could run code from the file. "
            f"Save the weights alone: torch.save(model.state_dict(), ...), or as .safetensors."
        ) from error
    except TooLargeError as error:
        raise CheckpointError(f"{name} claims to hold far more than its {path.stat().st_size:,} bytes can: {error}. {again}") from error
    except CheckpointError:
        raise
    except Exception as error:  # a damaged pickle raises anything, in words that tell a reader nothing
        raise CheckpointError(f"{name} is not a file that torch.save wrote, or it is damaged. {again}") from error


def _pick_state(found: Any, name: str) -> tuple[Mapping[Any, Any], list[str]]:
    """Return the dictionary of tensors in what a file holds, however it is wrapped, and a note on other models beside it."""
    held = list(_dictionaries(found, DEPTH))
    ours = [(wrapper, one) for wrapper, one in held if any(str(key).endswith(MARK) for key in one)]
    if not ours:
        if any(isinstance(value, Tensor) for _, one in held for value in one.values()):
            raise CheckpointError(
                f"{name} has no tensors {MARK} and ensemble_combiner.*.bias: it is not a state dict of the ComplexLSTM architecture."
            )
        raise CheckpointError(f"{name} is not a state dict. Save one with torch.save(model.state_dict(), ...).")
    ranks = {wrapper: rank for rank, wrapper in enumerate(("", *WRAPPERS))}
    wrapper, chosen = min(ours, key=lambda pair: ranks.get(pair[0], len(ranks)))
    others = [other for other, one in ours if one is not chosen]
    if not others:
        return chosen, []
    read, *left = (repr(one) if one else "no name" for one in (wrapper, *others[:5]))
    return chosen, [f"The file holds {len(ours)} models: the one under {read} is read, and not what is under {', '.join(left)}."]


def _kept_heads(found: Any) -> int | None:
    """Return the one number of attention heads that stands beside the weights, as trainers keep their settings; else None."""
    kept = set()
    for _, one in _dictionaries(found, DEPTH):
        settings = [one, *(vars(value) for value in one.values() if isinstance(value, argparse.Namespace))]
        kept |= {value for held in settings if type(value := held.get("num_heads")) is int}
    return kept.pop() if len(kept) == 1 else None


def _dictionaries(found: Any, depth: int) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    """Yield each dictionary in a value once, with its key, the outer ones first: a file may name the same one a million times."""
    level, seen = [("", found)], set()
    for _ in range(depth):
        inner = []
        for wrapper, one in level:
            if isinstance(one, Mapping) and id(one) not in seen:
                seen.add(id(one))
                yield wrapper, one
                inner += [(str(key), value) for key, value in one.items()]
        level = inner


def _pick_model(found: Mapping[Any, Any], name: str) -> tuple[dict[str, Tensor], list[str]]:
    """Return the tensors of our model by its own names, and a note on what stands beside them."""
    prefixes = sorted({str(key)[: -len(MARK)] for key in found if str(key).endswith(MARK)}, key=lambda one: (len(one), one))
    plain = [prefix for prefix in prefixes if set(prefix.split(".")) <= {"", *ADDED, *WRAPPERS}]
    if len(prefixes) > 1 and len(plain) != 1:
        raise CheckpointError(
            f"{name} holds {len(prefixes)} models, under {', '.join(map(repr, prefixes))}. Save the state dict of the one that you mean."
        )
    prefix = (plain or prefixes)[0]
    state: dict[str, Tensor] = {}
    foreign = []
    for key, value in found.items():
        inner = [part for part in str(key)[len(prefix) :].split(".") if part not in ADDED]
        if str(key).startswith(prefix) and inner[:1] and inner[0] in PARTS:
            if not isinstance(value, Tensor) or ".".join(inner) in state:
                raise CheckpointError(f"{name} is not a state dict of the ComplexLSTM architecture: {key!s:.80} is no tensor of its own.")
            state[".".join(inner)] = value
        else:
            foreign.append(str(key))
    if not foreign:
        return state, []
    shown = ", ".join(foreign[:5]) + (f" and {len(foreign) - 5} more" if len(foreign) > 5 else "")
    return state, [f"Left out, because they are no part of the model: {shown:.300}."]


def _in_single_precision(named: dict[str, Tensor], name: str) -> tuple[dict[str, Tensor], list[str]]:
    """Return the tensors as float32, and a note on those that were of another precision; counters of BatchNorm stay whole."""
    state, kinds, moved = {}, set(), 0.0
    for key, value in named.items():
        counts = key.endswith("num_batches_tracked")
        if value.layout != torch.strided or value.is_meta:
            what = "without its numbers" if value.is_meta else "as a sparse tensor"
            raise CheckpointError(f"{name} holds {key} {what}. Save the weights in full: tensor.to_dense() of each.")
        if value.numel() * value.element_size() > value.untyped_storage().nbytes():
            raise CheckpointError(f"{name} is damaged: it claims that {key} has the shape {tuple(value.shape)}, and holds fewer numbers.")
        if value.dtype not in (torch.float32, torch.float64, torch.float16, torch.bfloat16) and not (counts and not value.is_complex()):
            raise CheckpointError(
                f"{name} holds {key} as {str(value.dtype).removeprefix('torch.')}, which are no weights to compute with. "
                f"Save the weights as floating-point numbers: those from before a quantization, for instance."
            )
        state[key] = value.detach().to(torch.int64 if counts else torch.float32, copy=True).contiguous()
        if not counts and value.dtype != torch.float32:
            kinds.add(str(value.dtype).removeprefix("torch."))
            if value.dtype == torch.float64 and value.numel():
                moved = max(moved, float((state[key].double() - value).abs().max()))
        if not bool(torch.isfinite(state[key]).all()):
            raise CheckpointError(f"{name} holds NaN or infinite weights: the training that wrote it had diverged.")
    if not kinds:
        return state, []
    how = f"rounded to float32 by at most {moved:.1g}" if "float64" in kinds else "held exactly as float32"
    return state, [f"Its weights are {' and '.join(sorted(kinds))}, {how}."]
