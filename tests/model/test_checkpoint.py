"""What a checkpoint keeps, and what is refused without being run."""

import json
import pickle
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save_file

from complex_lstm import BareCheckpoint, Checkpoint, ComplexLSTMModel, load_checkpoint, save_checkpoint
from complex_lstm.config import Roles, Scaling, Schema, SplitConfig, WindowConfig, to_json
from complex_lstm.errors import CheckpointError
from complex_lstm.facts import ColumnFacts, TrainingFacts
from complex_lstm.model.checkpoint import checkpoint_bytes
from tests.model.lively import liven, random_windows, small_model
from tests.model.reference import ReferenceModel

ROLES = Roles(("a", "b", "c", "d"), ("a", "b"), "values", series="id", time="when", group="who")


def full_checkpoint() -> Checkpoint:
    return Checkpoint(
        small_model(),
        Schema(ROLES, feature_units=("°C", "", "m/s", ""), target_units=("°C", "")),
        WindowConfig(length=7, stride=2, horizon=3, as_change=True, missing="interpolate"),
        SplitConfig("group", validation=0.2, test=0.1, seed=4),
        Scaling((0.1, 2.0, 3.0, 1 / 3), (1.0, 2.0, 3.0, 4.0), (0.0, 1.0), (2.0, 1.0)),
        fingerprint="ab" * 32,
        command="python -m complex_lstm train --data 'größe.csv'",
        facts=TrainingFacts(
            (ColumnFacts("a", "°C", tuple(map(float, range(9))), 0.25, 4.0, 2.5, 1.0), ColumnFacts("b", missing=1.0)), 90, 3600.0, "s"
        ),
    )


def test_a_checkpoint_comes_back_whole(tmp_path: Path) -> None:
    saved = full_checkpoint()

    save_checkpoint(saved, tmp_path / "m.safetensors")
    loaded = load_checkpoint(str(tmp_path / "m.safetensors"))

    assert isinstance(loaded, Checkpoint)
    for name in ("schema", "window", "split", "scaling", "fingerprint", "command", "facts"):
        assert getattr(loaded, name) == getattr(saved, name)
    assert loaded.model.config == saved.model.config


def test_a_temperature_comes_back_and_without_one_the_bytes_are_those_of_before(tmp_path: Path) -> None:
    plain = full_checkpoint()
    save_checkpoint(replace(plain, scaling=replace(plain.scaling, temperature=1.75)), tmp_path / "m.safetensors")
    loaded = load_checkpoint(tmp_path / "m.safetensors")

    assert isinstance(loaded, Checkpoint) and loaded.scaling.temperature == 1.75
    assert b"temperature" not in checkpoint_bytes(plain) and b"temperature" in checkpoint_bytes(loaded)


@pytest.mark.parametrize("temperature", ["0.0", "-1.0", "NaN", "1000.0"])
def test_a_temperature_that_makes_no_sense_is_refused(tmp_path: Path, temperature: str) -> None:
    scaling = json.dumps({"feature_mean": [0.0] * 4, "feature_std": [1.0] * 4, "target_mean": [0.0] * 2, "target_std": [1.0] * 2})
    given = scaling.replace("}", f', "temperature": {temperature}}}')
    with pytest.raises(CheckpointError, match="The temperature is .*, expected a number from 0.05 to 20"):
        load_checkpoint(with_metadata(tmp_path / "m.safetensors", scaling=given))


def test_the_same_checkpoint_is_the_same_bytes(tmp_path: Path) -> None:
    """Safetensors writes metadata in an order that is another one each time."""
    contents = set()
    for number in range(6):
        save_checkpoint(full_checkpoint(), tmp_path / f"{number}.safetensors")
        contents.add((tmp_path / f"{number}.safetensors").read_bytes())

    (content,) = contents
    end = 8 + int.from_bytes(content[:8], "little")
    assert end % 8 == 0 and list(json.loads(content[8:end])["__metadata__"]) == sorted(json.loads(content[8:end])["__metadata__"])
    with safe_open(tmp_path / "0.safetensors", framework="pt") as file:
        assert file.metadata()["command"] == "python -m complex_lstm train --data 'größe.csv'"


def test_a_checkpoint_of_before_facts_were_kept_opens_without(tmp_path: Path) -> None:
    path = with_metadata(tmp_path / "m.safetensors")
    with safe_open(path, framework="pt") as file:
        metadata, state = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    schema = json.loads(metadata["schema"])
    schema.pop("derived")
    save_file(state, path, {name: text for name, text in metadata.items() if name != "facts"} | {"schema": json.dumps(schema)})

    loaded = load_checkpoint(path)

    assert isinstance(loaded, Checkpoint) and loaded.facts is None and loaded.schema.derived == ()


@pytest.mark.parametrize(
    "facts",
    [
        '{"columns": [{"name": "a", "quantiles": [1.0, 2.0]}], "rows": 3}',
        '{"columns": [], "rows": 3, "time_step": NaN}',
        '{"rows": 3}',
        "7",
    ],
)
def test_facts_that_make_no_sense_are_refused(tmp_path: Path, facts: str) -> None:
    with pytest.raises(CheckpointError, match="metadata of m.safetensors cannot be used"):
        load_checkpoint(with_metadata(tmp_path / "m.safetensors", facts=facts))


@torch.no_grad()
def test_a_loaded_model_is_ready_to_use(tmp_path: Path) -> None:
    model, x = small_model(), random_windows(2, 9, 4)
    expected = model(x)

    save_checkpoint(model.train(), tmp_path / "m.safetensors")
    loaded = load_checkpoint(tmp_path / "m.safetensors").model

    assert not loaded.training
    assert torch.equal(loaded(x), expected)


def test_a_model_alone_comes_back_bare_and_with_its_heads(tmp_path: Path) -> None:
    save_checkpoint(ComplexLSTMModel(2, 12, 2, 3, 1, 0.1), tmp_path / "m.safetensors")

    loaded = load_checkpoint(tmp_path / "m.safetensors")

    assert type(loaded) is BareCheckpoint
    assert vars(loaded.model.config) == {
        "input_dim": 2, "hidden_dim": 12, "num_lstm_layers": 2, "num_heads": 3, "output_dim": 1, "dropout": 0.1,
        "kernels": ((3, 5, 7), (3, 5, 9)),
    }  # fmt: skip


@pytest.mark.parametrize("suffix", [".pt", ".pth"])
@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: {"state_dict": s, "epoch": 3}, lambda s: {f"model.{n}": v for n, v in s.items()}])
@torch.no_grad()
def test_a_torch_state_dict_is_read_wrapped_or_not(tmp_path: Path, suffix: str, wrap: object) -> None:
    model, x = small_model(num_heads=8), random_windows(2, 9, 4)

    torch.save(wrap(model.state_dict()), tmp_path / f"m{suffix}")
    loaded = load_checkpoint(tmp_path / f"m{suffix}")

    assert type(loaded) is BareCheckpoint
    assert torch.equal(loaded.model(x), model(x))


@torch.no_grad()
def test_the_sizes_of_a_bare_file_come_from_its_tensors(tmp_path: Path) -> None:
    reference, x = liven(ReferenceModel(5, 24, 3, 8, 4, combiner_dropout=True, scalar_scale=True)), random_windows(1, 6, 5)

    torch.save(reference.state_dict(), tmp_path / "m.pt")
    save_file({name: value.contiguous() for name, value in reference.state_dict().items()}, tmp_path / "m.safetensors")

    for name in ("m.pt", "m.safetensors"):
        loaded = load_checkpoint(tmp_path / name).model
        assert (loaded.config.input_dim, loaded.config.hidden_dim, loaded.config.num_lstm_layers, loaded.config.output_dim) == (5, 24, 3, 4)
        assert torch.allclose(loaded(x), reference(x)[0], atol=1e-5)


@pytest.mark.parametrize("name", ["m.pt", "m.safetensors"])
@torch.no_grad()
def test_other_kernels_come_back_also_from_weights_alone(tmp_path: Path, name: str) -> None:
    model, x = liven(ComplexLSTMModel(9, 24, 1, 8, 3, 0.0, ((1, 3, 5), (5, 7, 11)))), random_windows(2, 6, 9)

    if name == "m.pt":
        torch.save(model.state_dict(), tmp_path / name)
    else:
        save_checkpoint(model, tmp_path / name)
    loaded = load_checkpoint(tmp_path / name).model

    assert loaded.config.kernels == ((1, 3, 5), (5, 7, 11)) == (loaded.temp_conv1.kernels, loaded.temp_conv2.kernels)
    assert torch.equal(loaded(x), model(x))


def test_a_file_from_before_kernels_could_be_chosen_has_those_of_the_document(tmp_path: Path) -> None:
    save_checkpoint(ComplexLSTMModel(2, 12, 2, 3, 1, 0.1), tmp_path / "m.safetensors")
    with safe_open(tmp_path / "m.safetensors", framework="pt") as file:
        metadata, state = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dict
    config = json.loads(metadata["config"])
    del config["kernels"]

    save_file(state, tmp_path / "old.safetensors", metadata | {"config": json.dumps(config)})

    assert load_checkpoint(tmp_path / "old.safetensors").model.config.kernels == ((3, 5, 7), (3, 5, 9))


class Malicious:
    """Touches a file where it is unpickled by somebody who does not look."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize(
    "write", [torch.save, lambda value, path: path.write_bytes(pickle.dumps(value, protocol=2))], ids=["torch", "pickle"]
)
def test_a_pickle_that_would_run_code_is_refused_and_not_run(tmp_path: Path, write: object) -> None:
    harmed = tmp_path / "harmed"

    write({"input_proj.0.weight": Malicious(harmed)}, tmp_path / "m.pt")
    with pytest.raises(CheckpointError, match=r"m.pt holds more than tensors.*could run code.*Save the weights alone"):
        load_checkpoint(tmp_path / "m.pt")

    assert not harmed.exists()


def test_a_whole_pickled_model_is_refused(tmp_path: Path) -> None:
    torch.save(small_model(), tmp_path / "m.pt")

    with pytest.raises(CheckpointError, match="holds more than tensors"):
        load_checkpoint(tmp_path / "m.pt")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("m.safetensors", b"", "m.safetensors is not a readable safetensors file.*Export or download it again"),
        ("m.safetensors", b"not one at all, but longer than a header", "not a readable safetensors file"),
        ("m.pt", b"", "m.pt is empty"),
        ("m.pt", b"PK\x03\x04 half a zip", "m.pt is not a file that torch.save wrote"),
        ("m.pt", b"just text, and enough of it", "m.pt"),
        ("m.onnx", b"x", r"m.onnx ends in '.onnx'. Checkpoints are .safetensors files, or state dicts as .pt, .pth, .bin or .ckpt"),
        ("model", b"x", r"model ends in ''"),
    ],
)
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(CheckpointError, match=words):
        load_checkpoint(tmp_path / name)


@pytest.mark.parametrize("name", ["m.safetensors", "m.pt"])
def test_a_truncated_file_is_refused(tmp_path: Path, name: str) -> None:
    save_checkpoint(small_model(), tmp_path / "m.safetensors")
    torch.save(small_model().state_dict(), tmp_path / "m.pt")

    truncated(tmp_path / name)
    with pytest.raises(CheckpointError, match="again"):
        load_checkpoint(tmp_path / name)


@given(st.integers(0, 600), st.integers(0, 255))
@settings(max_examples=60)
def test_a_damaged_file_is_refused_or_read_and_nothing_else(place: int, value: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.pt"
        torch.save({"input_proj.0.weight": torch.ones(2, 2)}, path, _use_new_zipfile_serialization=False)
        content = bytearray(path.read_bytes())
        content[place % len(content)] = value
        path.write_bytes(content)

        with pytest.raises(CheckpointError):
            load_checkpoint(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"There is no file .*gone.safetensors. Check the path"):
        load_checkpoint(tmp_path / "gone.safetensors")

    with pytest.raises(CheckpointError, match="There is no file"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"fc.weight": torch.eye(2)}, "no tensors input_proj.0.weight.*not a state dict of the ComplexLSTM architecture"),
        ({}, "is not a state dict"),
        ([torch.eye(2)], "is not a state dict"),
        ({"weight": 3}, "is not a state dict"),
        ({"input_proj.0.weight": torch.ones(3), "ensemble_combiner.0.bias": torch.ones(2)}, "not a state dict of the ComplexLSTM"),
        ({"input_proj.0.weight": torch.ones(16, 4), "ensemble_combiner.3.bias": torch.ones(2), "lstm_blocks.0.x": torch.ones(1)},
         "tensors of m.pt are not those of this architecture with 4 inputs, 16 channels.*: they lack .*gradient_scale"),
        ({"input_proj.0.weight": torch.ones(2, 4), "ensemble_combiner.3.bias": torch.ones(2), "lstm_blocks.0.x": torch.ones(1)},
         "sizes of m.pt make no model. hidden_dim is 2, expected 3 or more"),
    ],
)  # fmt: skip
def test_another_architecture_is_refused(tmp_path: Path, state: object, words: str) -> None:
    torch.save(state, tmp_path / "m.pt")

    with pytest.raises(CheckpointError, match=f"(?s){words}"):
        load_checkpoint(tmp_path / "m.pt")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_of_a_diverged_training_are_refused(tmp_path: Path, value: float) -> None:
    model = small_model()
    model.fusion_gate[0].weight.data[0, 0] = value

    save_checkpoint(model, tmp_path / "m.safetensors")
    with pytest.raises(CheckpointError, match="m.safetensors holds NaN or infinite weights: the training that wrote it had diverged"):
        load_checkpoint(tmp_path / "m.safetensors")


def with_metadata(path: Path, **changed: str) -> Path:
    whole = full_checkpoint()
    metadata = {"config": to_json(whole.model.config)}
    metadata |= {name: to_json(getattr(whole, name)) for name in ("schema", "window", "split", "scaling")}
    save_file(whole.model.state_dict(), path, metadata | changed)
    return path


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"config": "{"}, "metadata of m.safetensors cannot be used.*ModelConfig is not JSON"),
        ({"window": json.dumps({"length": 5, "speed": 1})}, "WindowConfig has the fields .*'length'.*got .*'speed'"),
        ({"window": json.dumps({"length": "5"})}, "Expected <class 'int'>, got '5'"),
        ({"window": json.dumps({"length": 0})}, "length is 0, expected 1 or more"),
        ({"split": json.dumps({"kind": "moon"})}, "got 'moon'"),
        ({"scaling": json.dumps({"feature_mean": [1.0]})}, "Scaling lacks a field"),
        ({"scaling": json.dumps({"feature_mean": [0.0], "feature_std": [1.0]})}, "names 4 features and 2 outputs, with means for 1"),
        ({"schema": to_json(Schema(Roles(("a",), ("a", "b"), "values")))}, "names 1 features and 2 outputs.*takes 4 and gives 2"),
        ({"schema": to_json(Schema(Roles(("a", "b", "c", "d"), ("k",), "classes"), classes=("x", "y", "z")))}, "3 outputs"),
    ],
)
def test_metadata_that_makes_no_sense_is_refused(tmp_path: Path, changed: dict[str, str], words: str) -> None:
    path = with_metadata(tmp_path / "m.safetensors", **changed)

    with pytest.raises(CheckpointError, match=words):
        load_checkpoint(path)


def test_metadata_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = with_metadata(tmp_path / "m.safetensors", made_with="something else")

    assert isinstance(load_checkpoint(path), Checkpoint)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("planted_order", "sample_data/planted_order.csv"),
        ("planted_shape", "planted_shape_training.csv"),
        ("japanese_vowels", "sample_data/japanese_vowels.csv"),
        ("nyc_weather", "sample_data/nyc_weather.csv"),
        ("shoulder_exercises", "sample_data/shoulder_exercises.csv"),
    ],
)
def test_the_shipped_checkpoints_are_small_and_tell_what_made_them(sample_data: Path, name: str, data: str) -> None:
    path = sample_data / f"{name}.safetensors"

    loaded = load_checkpoint(path)

    assert isinstance(loaded, Checkpoint)
    assert path.stat().st_size <= 8 * 2**20
    assert f"train --data {data} --out" in loaded.command
