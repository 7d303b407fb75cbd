"""Weights as people have them: every container, wrapping, prefix and precision, and what is refused in one sentence."""

import argparse
import io
import json
import math
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from complex_lstm import ComplexLSTMModel, load_checkpoint, save_checkpoint
from complex_lstm.errors import CheckpointError
from complex_lstm.model.checkpoint import head_choices
from tests.model.lively import liven, random_windows

State = dict[str, Tensor]
SIZES = {"input_dim": 4, "hidden_dim": 24, "num_lstm_layers": 2, "num_heads": 6, "output_dim": 3}
X = random_windows(3, 9, 4)


def trained() -> ComplexLSTMModel:
    return liven(ComplexLSTMModel(**SIZES))


def under(prefix: str, state: State) -> State:
    return {f"{prefix}{name}": value for name, value in state.items()}


WRAPPED: dict[str, Callable[[State], Any]] = {
    "bare": lambda state: state,
    "ordered": OrderedDict,
    "state_dict": lambda state: {"state_dict": state, "epoch": 3, "optimizer": {"state": {0: {"exp_avg": torch.ones(3)}}}},
    "model_state_dict": lambda state: {"epoch": 1, "model_state_dict": state, "loss": 0.25},
    "model": lambda state: {"model": state},
    "net": lambda state: {"net": state, "acc": np.float64(0.9)},
    "weights": lambda state: {"weights": state, "args": argparse.Namespace(lr=0.1, path=Path("runs") / "a")},
    "a name nobody knows": lambda state: {"checkpoint": {"generator": state}, "best": (1, 2)},
    "twice": lambda state: {"model": {"state_dict": under("module.", state)}},
    "two, one of them averaged": lambda state: {"ema": {name: value + 1 for name, value in state.items()}, "model_state_dict": state},
}
PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "module.model.", "model._orig_mod.module.", "backbone.encoder.")


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".bin", ".ckpt", ".PT", ".Pth", ".BIN", ".CKPT"])
@torch.no_grad()
def test_torch_files_of_any_ending_are_read(tmp_path: Path, suffix: str) -> None:
    model = trained()
    torch.save(model.state_dict(), tmp_path / f"weights{suffix}")

    assert torch.equal(load_checkpoint(tmp_path / f"weights{suffix}", num_heads=6).model(X), model(X))


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED.keys())
@torch.no_grad()
def test_weights_are_found_however_they_are_wrapped(tmp_path: Path, wrap: Callable[[State], Any]) -> None:
    model = trained()
    torch.save(wrap(model.state_dict()), tmp_path / "m.pt")

    assert torch.equal(load_checkpoint(tmp_path / "m.pt", num_heads=6).model(X), model(X))


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("name", ["m.pt", "m.bin", "m.safetensors"])
@torch.no_grad()
def test_a_prefix_is_taken_off_in_every_container(tmp_path: Path, prefix: str, name: str) -> None:
    model = trained()
    state = under(prefix, model.state_dict())

    if name.endswith("safetensors"):
        save_file(state, tmp_path / name)
    else:
        torch.save(state, tmp_path / name)
    loaded = load_checkpoint(tmp_path / name, num_heads=6)

    assert torch.equal(loaded.model(X), model(X)) and not loaded.notes


@torch.no_grad()
def test_what_compiling_parts_of_a_model_adds_within_its_names_is_taken_off(tmp_path: Path) -> None:
    model = trained()
    state = {name.replace("temp_conv1.", "temp_conv1._orig_mod."): value for name, value in model.state_dict().items()}
    torch.save(state, tmp_path / "m.pt")

    assert torch.equal(load_checkpoint(tmp_path / "m.pt", num_heads=6).model(X), model(X))


@pytest.mark.parametrize("content", ["safetensors", "torch"])
@torch.no_grad()
def test_a_file_is_read_by_its_content_where_its_ending_says_another(tmp_path: Path, content: str) -> None:
    model = trained()
    path = tmp_path / ("m.bin" if content == "safetensors" else "m.safetensors")
    if content == "safetensors":
        save_file(model.state_dict(), path)
    else:
        torch.save(model.state_dict(), path)

    assert torch.equal(load_checkpoint(path, num_heads=6).model(X), model(X))


@pytest.mark.parametrize("begin", [0x80, 0x50])
@pytest.mark.parametrize("name", ["m.safetensors", "m.bin"])
def test_a_header_whose_length_begins_like_another_format_is_one_of_safetensors(tmp_path: Path, begin: int, name: str) -> None:
    """The first bytes are the header's length: one in 32 begins like a pickle, and was taken for one."""
    for padding in range(0, 260, 8):
        save_file(trained().state_dict(), tmp_path / name, {"note": "x" * padding})
        if (tmp_path / name).read_bytes()[0] == begin:
            break

    assert (tmp_path / name).read_bytes()[0] == begin
    assert load_checkpoint(tmp_path / name, num_heads=6).model.config.hidden_dim == 24


@pytest.mark.parametrize("zipped", [True, False])
@torch.no_grad()
def test_both_formats_of_torch_save_are_read(tmp_path: Path, zipped: bool) -> None:
    model = trained()
    torch.save(model.state_dict(), tmp_path / "m.pt", _use_new_zipfile_serialization=zipped)

    assert torch.equal(load_checkpoint(tmp_path / "m.pt", num_heads=6).model(X), model(X))


class Wrapped(lightning.LightningModule):
    """Somebody's module around the model, with a loss that has weights of its own."""

    def __init__(self, rate: float = 0.1) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.model = trained().train()
        self.loss = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 3.0]))

    def training_step(self, batch: list[Tensor]) -> Tensor:
        return self.loss(self.model(batch[0]), batch[1])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(self.parameters(), lr=self.hparams.rate)


@torch.no_grad()
def test_a_lightning_checkpoint_is_read_and_its_loss_left_out_with_a_word(tmp_path: Path) -> None:
    module = Wrapped()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, torch.tensor([0, 1, 2])), batch_size=3)
    trainer = lightning.Trainer(max_steps=1, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
                                enable_model_summary=False, default_root_dir=tmp_path)  # fmt: skip
    with torch.enable_grad():
        trainer.fit(module, loader)
    trainer.save_checkpoint(tmp_path / "last.ckpt")

    loaded = load_checkpoint(tmp_path / "last.ckpt", num_heads=6)

    assert torch.equal(loaded.model(X), module.model.eval()(X))
    assert loaded.notes == ("Left out, because they are no part of the model: loss.weight.",)


def test_many_foreign_tensors_are_counted(tmp_path: Path) -> None:
    state = trained().state_dict() | {f"aux.{number}.weight": torch.ones(2) for number in range(9)}
    save_file(state, tmp_path / "m.safetensors")

    (note,) = load_checkpoint(tmp_path / "m.safetensors", num_heads=6).notes

    assert "aux.0.weight, aux.1.weight" in note and "and 4 more" in note


def test_of_two_models_none_is_picked_by_chance(tmp_path: Path) -> None:
    state = trained().state_dict()
    torch.save(under("student.", state) | under("teacher.", state), tmp_path / "m.pt")

    with pytest.raises(CheckpointError, match=r"m.pt holds 2 models, under 'student.', 'teacher.'. Save the state dict of the one"):
        load_checkpoint(tmp_path / "m.pt")


@torch.no_grad()
def test_beside_its_averaged_twin_the_model_itself_is_read(tmp_path: Path) -> None:
    model = trained()
    twin = {name: value + 1 for name, value in model.state_dict().items()}
    torch.save(under("model.", model.state_dict()) | under("ema_model.module.", twin), tmp_path / "m.pt")

    loaded = load_checkpoint(tmp_path / "m.pt", num_heads=6)

    assert torch.equal(loaded.model(X), model(X)) and "ema_model.module." in loaded.notes[0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@torch.no_grad()
def test_other_precisions_become_single_with_a_word(tmp_path: Path, dtype: torch.dtype) -> None:
    model = trained().to(dtype)
    torch.save(model.state_dict(), tmp_path / "m.pt")

    loaded = load_checkpoint(tmp_path / "m.pt", num_heads=6)

    assert {value.dtype for value in loaded.model.parameters()} == {torch.float32}
    assert torch.equal(loaded.model(X), model.float()(X))
    told = "float64, rounded to float32 by at most 0" if dtype == torch.float64 else f"{str(dtype)[6:]}, held exactly as float32"
    assert told in loaded.notes[0]  # these doubles were single before: nothing is lost


@torch.no_grad()
def test_rounding_of_doubles_is_measured(tmp_path: Path) -> None:
    model = trained().double()
    model.fusion_gate[0].weight[0, 0] = 1 + 2**-30

    torch.save(model.state_dict(), tmp_path / "m.pt")

    assert "rounded to float32 by at most 9e-10" in load_checkpoint(tmp_path / "m.pt", num_heads=6).notes[0]


# attention heads


def test_the_choices_divide_the_hidden_size() -> None:
    assert head_choices(24) == (1, 2, 3, 4, 6, 8, 12, 24)
    assert head_choices(7) == (1, 7)


@pytest.mark.parametrize("heads", head_choices(24))
@torch.no_grad()
def test_heads_that_the_file_does_not_tell_can_be_given_and_are_kept_as_given(tmp_path: Path, heads: int) -> None:
    model = liven(ComplexLSTMModel(**SIZES | {"num_heads": heads}))
    torch.save(model.state_dict(), tmp_path / "m.pt")

    loaded = load_checkpoint(tmp_path / "m.pt", num_heads=heads)
    save_checkpoint(loaded, tmp_path / "kept.safetensors")
    again = load_checkpoint(tmp_path / "kept.safetensors")

    for one in (loaded, again):
        assert torch.equal(one.model(X), model(X))
        assert (one.guessed, one.given) == (("dropout",), ("num_heads",))
    other = load_checkpoint(tmp_path / "kept.safetensors", num_heads=2)
    assert other.model.config.num_heads == 2  # what was given by hand can be given again


@pytest.mark.parametrize(("hidden", "assumed"), [(24, 8), (20, 5), (14, 7), (11, 1)])
def test_heads_that_nobody_gives_are_assumed_aloud(tmp_path: Path, caplog: pytest.LogCaptureFixture, hidden: int, assumed: int) -> None:
    torch.save(ComplexLSTMModel(**SIZES | {"hidden_dim": hidden, "num_heads": 1}).state_dict(), tmp_path / "m.pt")

    loaded = load_checkpoint(tmp_path / "m.pt")
    save_checkpoint(loaded, tmp_path / "kept.safetensors")

    assert loaded.model.config.num_heads == assumed and "num_heads" in loaded.guessed
    assert (
        f"m.pt does not say how many attention heads its model has, and its weights look the same with any number. {assumed} are"
        in caplog.text
    )
    assert load_checkpoint(tmp_path / "kept.safetensors").guessed == loaded.guessed  # a guess stays one


@pytest.mark.parametrize(
    ("heads", "words"), [(5, "num_heads is 5, but those of m.pt can be 1, 2, 3, 4, 6, 8, 12, 24"), (0, "num_heads is 0")]
)
def test_heads_that_the_hidden_size_forbids_are_refused(tmp_path: Path, heads: int, words: str) -> None:
    torch.save(trained().state_dict(), tmp_path / "m.pt")

    with pytest.raises(CheckpointError, match=words):
        load_checkpoint(tmp_path / "m.pt", num_heads=heads)


def test_heads_that_the_file_contradicts_are_refused(tmp_path: Path) -> None:
    save_checkpoint(trained(), tmp_path / "m.safetensors")

    assert load_checkpoint(tmp_path / "m.safetensors", num_heads=6).given == ()
    with pytest.raises(CheckpointError, match=r"num_heads is 8, but m.safetensors says 6"):
        load_checkpoint(tmp_path / "m.safetensors", num_heads=8)


# what is refused


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

    with pytest.raises(CheckpointError, match=rf"The metadata of m.safetensors say {next(iter(config))}"):
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


@pytest.mark.parametrize("settings", [{"hyper_parameters": {"num_heads": 2}}, {"args": argparse.Namespace(num_heads=2)}])
def test_heads_that_a_trainer_kept_among_its_settings_are_not_asked_for(tmp_path: Path, settings: dict[str, Any]) -> None:
    """A Lightning checkpoint whose hyperparameters say 2 heads was run with 8."""
    torch.save({"state_dict": under("model.", trained().state_dict()), **settings}, tmp_path / "m.ckpt")

    loaded = load_checkpoint(tmp_path / "m.ckpt")

    assert loaded.model.config.num_heads == 2
    assert "num_heads" not in loaded.guessed
    assert loaded.notes == ("Its trainer's settings, kept beside the weights, say 2 attention heads.",)


def test_settings_that_name_several_numbers_of_heads_tell_none(tmp_path: Path) -> None:
    torch.save({"model": trained().state_dict(), "encoder": {"num_heads": 2}, "decoder": {"num_heads": 4}}, tmp_path / "m.pt")

    assert "num_heads" in load_checkpoint(tmp_path / "m.pt").guessed


def test_an_averaged_twin_under_a_name_of_its_own_is_left_out_with_a_word(tmp_path: Path) -> None:
    state = trained().state_dict()
    torch.save({"model": state, "ema": {name: value * 0 for name, value in state.items()}}, tmp_path / "m.pt")

    notes = load_checkpoint(tmp_path / "m.pt").notes

    assert notes == ("The file holds 2 models: the one under 'model' is read, and not what is under 'ema'.",)


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


@torch.no_grad()
def test_what_messages_call_a_file_needs_no_ending(tmp_path: Path) -> None:
    """A model that the app has trained is called by its run, and was refused for it."""
    model = trained()
    save_checkpoint(model, tmp_path / "content.safetensors")

    assert torch.equal(load_checkpoint(tmp_path / "content.safetensors", name="by the app").model(X), model(X))
