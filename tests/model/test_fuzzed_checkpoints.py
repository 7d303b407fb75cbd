"""Five thousand checkpoints that nobody's training wrote: each is read, or refused by our own error, and none takes memory or time."""

from __future__ import annotations

import argparse
import io
import json
import random
import resource
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from complex_lstm import load_checkpoint
from complex_lstm.errors import CheckpointError
from complex_lstm.model.checkpoint import checkpoint_bytes
from tests.model.lively import small_model
from tests.model.test_checkpoint import full_checkpoint
from tests.mutating import changed_bytes, changed_json, changed_near, one_of, zipped

PARTS, OF_A_PART = 25, 200
MOST_WORDS = 1200  # characters of a refusal
ZIP_HEADS = (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06")
ODD_NAMES = (1, None, "", ("a", 1), "lstm_blocks.x.y", "ensemble_combiner.zz.bias", "input_proj.0.weight.x")
MEMORY = 400  # MB that reading all of a part may add


@dataclass(frozen=True)
class Whole:
    """One model, written once in each of the ways in which people have it: of two BiLSTM blocks, as four are only more of the same."""

    state: dict[str, Tensor]
    ours: bytes
    pickled: bytes
    others: tuple[bytes, ...]
    entries: dict[str, bytes]


@pytest.fixture(scope="module")
def whole() -> Whole:
    checkpoint = replace(full_checkpoint(), model=small_model(num_lstm_layers=2))
    state = checkpoint.model.state_dict()
    pickled = saved(state)
    with zipfile.ZipFile(io.BytesIO(pickled)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    others = (saved(state, old=True), saved({"state_dict": state, "epoch": 3, "num_heads": 8}))
    return Whole(state, checkpoint_bytes(checkpoint), pickled, others, entries)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_a_checkpoint_is_read_or_refused_in_our_own_words(part: int, whole: Whole, tmp_path: Path) -> None:
    draw = random.Random(part)
    before, strange = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
    nameless: list[str] = []

    for number in range(OF_A_PART):
        path, content = tmp_path / f"m{draw.choice(('.safetensors', '.pt', '.ckpt'))}", made(whole, draw)
        path.write_bytes(content)
        try:
            load_checkpoint(path)
        except CheckpointError as refusal:
            nameless += [str(refusal)] if path.name not in str(refusal) or len(str(refusal)) > MOST_WORDS else []
        except Exception as error:
            (tmp_path / f"strange-{number}{path.suffix}").write_bytes(content)
            strange.append(f"{number}: {type(error).__name__}: {error!s:.100}")

    assert not strange and not nameless
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MEMORY


def made(whole: Whole, draw: random.Random) -> bytes:
    written = (whole.ours, whole.pickled, *whole.others)
    return one_of(
        draw,
        lambda: changed_bytes(draw.choice(written), draw),
        lambda: changed_bytes(draw.choice(written)[: draw.randrange(3000)], draw),
        lambda: with_changed_header(whole.ours, draw),
        lambda: with_changed_metadata(whole.ours, draw),
        lambda: changed_near(whole.pickled, draw.choice(ZIP_HEADS), draw),
        lambda: with_changed_entry(dict(whole.entries), draw),
        lambda: saved(with_odd_tensors(whole.state, draw)),
    )


def saved(value: Any, *, old: bool = False) -> bytes:
    content = io.BytesIO()
    torch.save(value, content, _use_new_zipfile_serialization=not old)
    return content.getvalue()


def with_changed_header(content: bytes, draw: random.Random) -> bytes:
    end = 8 + int.from_bytes(content[:8], "little")
    header = changed_json(content[8:end].decode(), draw).encode("utf-8", "surrogatepass")
    return len(header).to_bytes(8, "little") + header + content[end:]


def with_changed_metadata(content: bytes, draw: random.Random) -> bytes:
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    kept = header["__metadata__"]
    name = draw.choice([one for one, text in kept.items() if text[:1] in "{["])
    kept[name] = changed_json(kept[name], draw)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content[end:]


def with_changed_entry(files: dict[str, bytes], draw: random.Random) -> bytes:
    name = draw.choice(list(files))
    pickled = next(one for one in files if one.endswith("data.pkl"))
    how = draw.randrange(4)
    if how == 0:
        del files[name]
    elif how == 1:
        files[name] = changed_bytes(files[name], draw)
    elif how == 2:
        files[pickled] = changed_bytes(files[pickled], draw)
    else:
        files[draw.choice(("../x", "a/" * 1000, "\1", "constants.pkl", name + "/x"))] = b"x" * 1000
    return zipped(files, how=draw.choices((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA), (6, 2, 1))[0])


def with_odd_tensors(state: dict[str, Tensor], draw: random.Random) -> dict[Any, Any]:
    changed: dict[Any, Any] = dict(state)
    for _ in range(draw.choice((1, 1, 3))):
        name = draw.choice(list(state))
        value = state[name]
        changed[name] = draw.choice(
            (
                torch.tensor(1.0), torch.empty(0), torch.ones(1, 1, 1, 1), value.to(torch.float8_e4m3fn), value.to(torch.float8_e5m2),
                value.to(torch.complex64), value.half(), value.double(), value * float("nan"), value.bool(), value.to_sparse(),
                torch.ones(1).expand(10**6, 1), torch.empty(10**12, device="meta"), value.flatten(),
                value[..., :0] if value.ndim else value, value.unsqueeze(0), None, "text", 10**400, {"a": value}, [value],
                torch.nn.Parameter(value.float()),
                torch.Size((1, 2)), value.to(torch.uint8), value.to(torch.int8), argparse.Namespace(num_heads=value),
            )
        )  # fmt: skip
    if draw.random() < 0.3:
        changed[draw.choice(ODD_NAMES)] = draw.choice((torch.ones(2), 1, "x"))
    return changed
