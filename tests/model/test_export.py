"""What is written for other programs gives what the model gives."""

import importlib.util
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from click.testing import CliRunner

from complex_lstm import ComplexLSTMModel, load_checkpoint
from complex_lstm.cli import main
from complex_lstm.errors import ExportError
from complex_lstm.model.export import export_onnx, export_state_dict
from tests.model.lively import liven, random_windows


@pytest.mark.usefixtures("shapes_unchecked")  # the exporter's sizes are symbols
@pytest.mark.parametrize("sizes", [(4, 24, 4, 6, 3), (1, 9, 1, 3, 1), (9, 32, 3, 8, 2)], ids=["four blocks", "one of each", "three blocks"])
@torch.no_grad()
def test_onnx_runtime_gives_what_the_model_gives_for_any_number_of_windows_and_steps(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    model = liven(ComplexLSTMModel(*sizes))

    furthest = export_onnx(model, tmp_path / "m.onnx")

    assert furthest < 2e-6
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    for batch, time in ((1, 1), (1, 33), (5, 12), (70, 8)):
        x = random_windows(batch, time, sizes[0], seed=batch)
        theirs = session.run(None, {"x": x.numpy()})[0]
        assert np.abs(theirs - model(x).numpy()).max() < 2e-6 * max(1.0, np.abs(theirs).max())


@pytest.mark.usefixtures("shapes_unchecked")  # the exporter's sizes are symbols
def test_a_temperature_stands_in_the_metadata_and_1_does_not(tmp_path: Path) -> None:
    model = liven(ComplexLSTMModel(2, 8, 1, 2, 2))

    export_onnx(model, tmp_path / "warm.onnx", temperature=1.25)
    export_onnx(model, tmp_path / "plain.onnx")

    warm, plain = (onnxruntime.InferenceSession(tmp_path / name) for name in ("warm.onnx", "plain.onnx"))
    assert warm.get_modelmeta().custom_metadata_map == {"temperature": "1.25"} and plain.get_modelmeta().custom_metadata_map == {}
    x = {"x": random_windows(3, 5, 2, seed=1).numpy()}
    assert np.array_equal(warm.run(None, x)[0], plain.run(None, x)[0])  # logits, as without it


@pytest.mark.usefixtures("shapes_unchecked")  # the exporter's sizes are symbols
def test_the_command_exports_a_shipped_model(tmp_path: Path, sample_data: Path) -> None:
    result = CliRunner().invoke(main, ["export", str(sample_data / "planted_shape.safetensors"), "--out", str(tmp_path / "m.onnx")])

    assert result.exit_code == 0 and "outputs of ONNX Runtime lie" in result.output
    assert onnxruntime.InferenceSession(tmp_path / "m.onnx").get_inputs()[0].name == "x"


@torch.no_grad()
def test_a_state_dict_comes_back(tmp_path: Path, sample_data: Path) -> None:
    whole = load_checkpoint(sample_data / "planted_shape.safetensors").model
    x = random_windows(2, 20, whole.config.input_dim)

    result = CliRunner().invoke(main, ["export", str(sample_data / "planted_shape.safetensors"), "--out", str(tmp_path / "m.pt")])
    export_state_dict(whole, tmp_path / "by_hand.pt")

    assert result.exit_code == 0 and f"does not tell the attention heads: {whole.config.num_heads}" in result.output
    for name in ("m.pt", "by_hand.pt"):
        assert torch.equal(load_checkpoint(tmp_path / name, num_heads=whole.config.num_heads).model(x), whole(x))
        fresh = ComplexLSTMModel(**vars(whole.config)).eval()
        fresh.load_state_dict(torch.load(tmp_path / name, weights_only=True))
        assert torch.equal(fresh(x), whole(x))


def test_without_the_extra_it_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "onnxruntime" else find(name, *rest))

    with pytest.raises(ExportError, match=r"An export to ONNX needs onnxruntime: pip install 'complex-lstm-explorer\[onnx\]'"):
        export_onnx(ComplexLSTMModel(2, 12, 1, 3, 1), tmp_path / "m.onnx")


@pytest.mark.parametrize(("name", "words"), [("m.tflite", "ends in '.tflite': .onnx, or .pt"), ("m", "ends in ''")])
def test_another_ending_is_refused_before_anything_is_read(tmp_path: Path, sample_data: Path, name: str, words: str) -> None:
    result = CliRunner().invoke(main, ["export", str(sample_data / "planted_shape.safetensors"), "--out", str(tmp_path / name)])

    assert result.exit_code == 2 and words in result.output


def test_heads_are_given_where_the_file_does_not_tell_them(tmp_path: Path) -> None:
    torch.save(liven(ComplexLSTMModel(4, 24, 2, 6, 3)).state_dict(), tmp_path / "w.pt")

    made = CliRunner().invoke(main, ["export", str(tmp_path / "w.pt"), "--out", str(tmp_path / "m.pt"), "--heads", "6"])
    refused = CliRunner().invoke(main, ["export", str(tmp_path / "w.pt"), "--out", str(tmp_path / "n.pt"), "--heads", "5"])

    unasked = CliRunner().invoke(main, ["export", str(tmp_path / "w.pt"), "--out", str(tmp_path / "m.onnx")])

    assert made.exit_code == 0 and "attention heads: 6" in made.output
    assert unasked.exit_code == 2 and "give --heads, one of 1, 2, 3, 4, 6, 8, 12, 24" in unasked.output
    assert not (tmp_path / "m.onnx").exists()
    assert refused.exit_code == 1 and "num_heads is 5, but those of w.pt can be 1, 2, 3, 4, 6, 8, 12, 24" in refused.output
    assert not (tmp_path / "n.pt").exists()
