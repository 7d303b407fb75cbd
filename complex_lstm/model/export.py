"""A model for other programs: as ONNX, checked against the model, or as a plain state dict."""

from __future__ import annotations

import copy
import importlib.util
import tempfile
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from complex_lstm.errors import ExportError, install_extra
from complex_lstm.model.network import ComplexLSTMModel

NEEDED = ("onnx", "onnxruntime")
OPSET = 18
CHECKED = ((1, 50), (3, 20), (2, 1))  # (windows, steps) of the random windows on which the two are compared
TOLERANCE = 1e-5  # of the largest output, above which an export is refused; single precision leaves about 1e-6


class _OfWindows(nn.Module):
    """The model as ONNX takes it: windows of equal length in, outputs out."""

    def __init__(self, model: ComplexLSTMModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, "batch output"]:
        outputs: Tensor = self.model(x)
        return outputs


def onnx_lacks() -> tuple[str, ...]:
    """Return the packages that an export to ONNX needs and this installation lacks."""
    return tuple(name for name in NEEDED if importlib.util.find_spec(name) is None)


def export_onnx(model: ComplexLSTMModel, path: str | Path, *, temperature: float = 1.0) -> float:
    """Write a model as ONNX and return how far it lies from the model, as a share of the largest output.

    The graph takes `x` (batch, time, feature), scaled as the model's inputs are, any number of windows of any one length, and gives
    `outputs` (batch, output): logits of classes, or scaled values. It has no padding: windows of several lengths go one length at a
    time. What it gives in ONNX Runtime is compared with the model's own outputs on random windows of several shapes. Another
    `temperature` than 1 stands in the file's metadata, under that name: logits divided by it give calibrated probabilities.

    Raises:
        ExportError: packages are missing, or the outputs differ by more than single precision explains.
    """
    if lacking := onnx_lacks():
        raise ExportError(f"An export to ONNX needs {', '.join(lacking)}: {install_extra('onnx')}")
    model = copy.deepcopy(model).cpu().eval()  # tracing touches the LSTMs
    example = torch.zeros(2, 7, model.config.input_dim)
    free = {"x": {0: "batch", 1: "time"}, "outputs": {0: "batch"}}
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")  # of the exporter about itself, and about what the comparison below looks at
        written = Path(folder) / "model.onnx"
        torch.onnx.export(  # by tracing: torch.export, the newer way, fixes the number of steps of an LSTM
            _OfWindows(model).eval(), (example,), written, input_names=["x"], output_names=["outputs"], dynamic_axes=free, dynamo=False,
            opset_version=OPSET,
        )  # fmt: skip
        furthest = _furthest(model, written)
        if furthest > TOLERANCE:
            raise ExportError(f"The ONNX file gives outputs that lie {furthest:.1g} of the largest from the model's: it is not written.")
        if temperature != 1:
            import onnx  # an optional extra

            made = onnx.load(written)
            onnx.helper.set_model_props(made, {"temperature": repr(temperature)})
            onnx.save(made, written)
        Path(path).write_bytes(written.read_bytes())
    return furthest


@torch.no_grad()
def _furthest(model: ComplexLSTMModel, path: Path) -> float:
    import onnxruntime  # an optional extra

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    furthest, largest = 0.0, 0.0
    for batch, time in CHECKED:
        x = torch.randn(batch, time, model.config.input_dim, generator=generator)
        ours, theirs = model(x).numpy(), session.run(None, {"x": x.numpy()})[0]
        furthest, largest = max(furthest, float(np.abs(ours - theirs).max())), max(largest, float(np.abs(ours).max()))
    return furthest / largest if largest else furthest


def export_state_dict(model: ComplexLSTMModel, path: str | Path | BinaryIO) -> None:
    """Write a model's tensors alone, under the names of the architecture document, for `torch.load(path, weights_only=True)`."""
    torch.save({name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}, path)
