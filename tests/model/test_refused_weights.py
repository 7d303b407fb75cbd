"""Files that are no weights of this architecture, damaged or hostile: each is refused in one sentence, and nothing is allocated for it."""

import io
import json
import math
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from complex_lstm import load_checkpoint, save_checkpoint
from complex_lstm.errors import CheckpointError
from tests.model.state_dicts import State, trained, under


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda state: {name: (value * 9).to(torch.int8) for name, value in state.items()}, "as int8, which are no weights"),
        (lambda state: {name: value > 0 for name, value in state.items()}, "as bool"),
        (lambda state: {name: value.to(torch.complex64) for name, value in state.items()}, "as complex64"),
        (lambda state: state | {"fusion_gate.0.weight": state["fusion_gate.0.weight"].to(torch.float8_e4m3fn)}, "as float8_e4m3fn"),
        (lambda state: state | {"fusion_gate.0.weight": state["fusion_gate.0.weight"].to_sparse()}, "m.pt"),
        (lambda state: state | {"fusion_gate.0.weight": torch.ones(1).expand(24, 48)}, "is damaged: it claims that fusion_gate.0.weight"),
        (lambda state: state | {"gradient_scale": "one"}, "gradient_scale is no tensor of its own"),
        (lambda state: state | {"input_proj.0.weight": torch.tensor(1.0)}, "not a state dict of the ComplexLSTM"),
        (lambda state: state | {"output_heads.0.6.bias": torch.ones(7)}, r"they differ: size mismatch for output_heads.0.6.bias"),
        (lambda state: state | under("output_heads.3.", {"0.weight": torch.ones(2)}), "they have, beside ours, 1, such as output_heads.3"),
        (lambda state: {name: value for name, value in state.items() if "w_q" not in name}, "they lack 4, such as attention_layers.0.w_q"),
        (lambda state: {name: value for name, value in state.items() if "lstm_blocks" not in name}, "num_lstm_layers is 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_weights_is_refused_in_one_sentence_that_names_the_file(
    tmp_path: Path, change: Callable[[State], dict[str, Any]], words: str
) -> None:
    torch.save(change(trained().state_dict()), tmp_path / "content.pt")

    with pytest.raises(CheckpointError, match=words.replace("m.pt", "mine.pt")) as caught:
        load_checkpoint(tmp_path / "content.pt", name="mine.pt")

    assert "mine.pt" in str(caught.value) and "content.pt" not in str(caught.value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("place", "value"),
    [("feature_mean", value) for value in (math.inf, math.nan)]
    + [(place, value) for place in ("feature_std", "target_std") for value in (0.0, -1.0, math.inf, math.nan)],
)
def test_scaling_that_no_number_survives_is_refused(tmp_path: Path, shipped_weather: Path, place: str, value: float) -> None:
    whole = load_checkpoint(shipped_weather)
    changed = getattr(whole.scaling, place)
    bad = type(whole.scaling)(**vars(whole.scaling) | {place: (value, *changed[1:])})

    save_checkpoint(type(whole)(**vars(whole) | {"scaling": bad}), tmp_path / "m.safetensors")

    with pytest.raises(CheckpointError, match=r"metadata of m.safetensors"):
        load_checkpoint(tmp_path / "m.safetensors")


@pytest.fixture
def shipped_weather(sample_data: Path) -> Path:
    return sample_data / "nyc_weather.safetensors"


@pytest.mark.parametrize(
    "config", [{"hidden_dim": 10**6}, {"num_lstm_layers": 10**7}, {"input_dim": 10**12}, {"kernels": [[3, 5, 7], [3, 5, 10**10 + 1]]}]
)
def test_sizes_that_only_the_metadata_claim_are_never_allocated(tmp_path: Path, config: dict[str, Any]) -> None:
    """No machine can hold these models: one that is allocated before shapes are compared ends in an error of torch's."""
    claimed = {"input_dim": 4, "hidden_dim": 24, "num_lstm_layers": 2, "num_heads": 8, "output_dim": 3, "dropout": 0.3} | config
    save_file(trained().state_dict(), tmp_path / "m.safetensors", {"config": json.dumps(claimed)})

    with pytest.raises(CheckpointError, match=rf"The metadata of m.safetensors (say|cannot be used.) {next(iter(config))}"):
        load_checkpoint(tmp_path / "m.safetensors")


def test_a_few_tensors_that_claim_a_large_model_are_not_completed(tmp_path: Path) -> None:
    state = {"input_proj.0.weight": torch.ones(10**6, 1), "ensemble_combiner.3.bias": torch.ones(2), "lstm_blocks.0.x": torch.ones(1)}
    torch.save(state, tmp_path / "m.pt")

    with pytest.raises(CheckpointError, match="they lack"):
        load_checkpoint(tmp_path / "m.pt")


def test_an_archive_that_inflates_is_refused(tmp_path: Path) -> None:
    torch.save(trained().state_dict(), tmp_path / "m.pt")
    with zipfile.ZipFile(tmp_path / "m.pt", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/bomb", bytes(64 * 2**20))

    with pytest.raises(CheckpointError, match="m.pt claims to hold far more than its"):
        load_checkpoint(tmp_path / "m.pt")


def nested(depth: int) -> bytes:
    return b"\x80\x02" + b"]" * depth + b"a" * (depth - 1) + b"."


@pytest.mark.parametrize(
    "content",
    [
        nested(100_000),
        pickle.dumps({"a": 10**6000}),
        pickle.dumps({"state_dict": {}}),
        b"PK\x05\x06" + bytes(18),
        struct.pack("<Q", 2**62) + b"{}",
        struct.pack("<Q", 20) + b'{"__metadata__": 3}  ',
        struct.pack("<Q", 7000) + b'{"a":' + b"9" * 6990 + b"}    ",
        struct.pack("<Q", 40_000) + b'{"a":' + b"[" * 39_995,
        b"\x80",
        b"\x80\x02}q\x00X\xff\xff\xff\x7f",
    ],
)
@pytest.mark.parametrize("suffix", [".pt", ".safetensors", ".ckpt"])
def test_damaged_files_give_our_own_error_only(tmp_path: Path, content: bytes, suffix: str) -> None:
    (tmp_path / f"m{suffix}").write_bytes(content)

    with pytest.raises(CheckpointError, match="m"):
        load_checkpoint(tmp_path / f"m{suffix}")


@pytest.mark.parametrize("seed", range(40))
def test_a_mutated_file_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    generator = np.random.default_rng(seed)
    buffer = io.BytesIO()
    if seed % 2:
        torch.save({"state_dict": trained().state_dict(), "epoch": 2}, buffer, _use_new_zipfile_serialization=seed % 4 == 1)
        content = bytearray(buffer.getvalue())
    else:
        save_checkpoint(trained(), tmp_path / "whole.safetensors")
        content = bytearray((tmp_path / "whole.safetensors").read_bytes())
    reach = len(content) if seed % 3 else 3000  # headers and pickles stand at the beginning
    for place in generator.integers(0, reach, 1 + seed % 7):
        content[place] = generator.integers(256)
    if seed % 5 == 0:
        del content[generator.integers(len(content)) :]
    (tmp_path / "m.pt").write_bytes(content)

    try:
        sizes = vars(load_checkpoint(tmp_path / "m.pt", num_heads=6).model.config)
    except CheckpointError as error:
        sizes = {"refused": str(error)}

    assert sizes.get("hidden_dim") == 24 or "m.pt" in str(sizes["refused"])


def test_a_changed_byte_among_the_weights_is_damage(tmp_path: Path) -> None:
    """torch.load does not compare the check sums of the archive: the weights were read as if they were right."""
    torch.save(trained().state_dict(), tmp_path / "m.pt")
    content = bytearray((tmp_path / "m.pt").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "m.pt").write_bytes(content)

    with pytest.raises(CheckpointError, match=r"^m\.pt is damaged: some of its bytes are not those that were written\."):
        load_checkpoint(tmp_path / "m.pt")


def test_a_program_and_sparse_weights_are_refused_with_what_to_save_instead(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "script.pt", "w") as archive:  # what torch.jit.save adds
        archive.writestr("script/constants.pkl", b"")
    state = trained().state_dict()
    torch.save({**state, "input_proj.0.weight": state["input_proj.0.weight"].to_sparse()}, tmp_path / "sparse.pt")

    with pytest.raises(CheckpointError, match=r"script\.pt is a TorchScript program"):
        load_checkpoint(tmp_path / "script.pt")
    with pytest.raises(CheckpointError, match=r"input_proj\.0\.weight as a sparse tensor.*to_dense"):
        load_checkpoint(tmp_path / "sparse.pt")
