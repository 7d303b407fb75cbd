"""What computes the outputs: the model in PyTorch, or the same in ONNX Runtime, compared with it before it is used."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Float32

from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.export import export_onnx, onnx_lacks

EngineName = Literal["auto", "onnx", "torch"]

Outputs = Callable[[Float32[np.ndarray, "window time feature"]], Float[np.ndarray, "window output"]]


@dataclass(frozen=True)
class Engine:
    """What computes outputs of scaled windows of one length.

    deviation  how far its outputs lie from the model's, as a share of the largest, on random windows of several shapes; 0 for PyTorch
    """

    name: str
    outputs: Outputs
    deviation: float


def open_engine(model: ComplexLSTMModel, name: EngineName) -> Engine:
    """Return the engine of this name; "auto" is ONNX Runtime where it is installed, which is faster for single windows.

    Raises:
        ExportError: ONNX Runtime is asked for and not installed, or gives other outputs than the model.
    """
    if name == "torch" or (name == "auto" and onnx_lacks()):
        return Engine("PyTorch", lambda x: _in_torch(model, x), 0.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        deviation = export_onnx(model, path)
        content = path.read_bytes()
    import onnxruntime  # an optional extra

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(content, settings, providers=["CPUExecutionProvider"])
    return Engine("ONNX Runtime", lambda x: session.run(None, {"x": x})[0], deviation)


@torch.no_grad()
def _in_torch(model: ComplexLSTMModel, x: Float32[np.ndarray, "window time feature"]) -> Float[np.ndarray, "window output"]:
    outputs: np.ndarray = model(torch.from_numpy(x)).numpy()
    return outputs
