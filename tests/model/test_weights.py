"""Weights as people have them: every container, wrapping, prefix and precision."""

import argparse
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
from tests.model.lively import liven
from tests.model.state_dicts import SIZES, State, X, trained, under

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


@torch.no_grad()
def test_what_messages_call_a_file_needs_no_ending(tmp_path: Path) -> None:
    """A model that the app has trained is called by its run, and was refused for it."""
    model = trained()
    save_checkpoint(model, tmp_path / "content.safetensors")

    assert torch.equal(load_checkpoint(tmp_path / "content.safetensors", name="by the app").model(X), model(X))
