"""Forward, trace, ablation and prediction against the plain way: `python -m benchmarks.model_speed`."""

from __future__ import annotations

import copy
from functools import partial

import numpy as np
import torch
from torch import Tensor

from benchmarks.measure import HEADER, Ratio, compare
from complex_lstm import ComplexLSTMModel, load_checkpoint
from complex_lstm.data import prepare_for, read_csv
from complex_lstm.inference import predict
from complex_lstm.model.device import settle_threads
from complex_lstm.samples import SAMPLES

STEPS, FEATURES = 50, 9


def document_loop(model: ComplexLSTMModel, x: Tensor) -> Tensor:
    """The architecture document's ablation: one forward pass a feature."""
    with torch.no_grad():
        intact = model(x)
        changes = []
        for feature in range(x.shape[2]):
            ablated = x.clone()
            ablated[:, :, feature] = 0
            changes.append((model(ablated) - intact).abs().mean())
    return torch.stack(changes)


def forward(model: ComplexLSTMModel, x: Tensor) -> Tensor:
    """A forward pass with no gradients kept."""
    with torch.no_grad():
        return model(x)


def ratios(hidden: int, ablated: tuple[int, ...] = (1, 2, 8, 64)) -> list[Ratio]:
    """Return the rows for one hidden size, with the ablation of so many windows."""
    torch.manual_seed(0)
    model = ComplexLSTMModel(hidden_dim=hidden).eval()
    rows = []
    for windows in (1, 64):
        x = torch.randn(windows, STEPS, FEATURES)
        rows.append(
            compare(f"trace, hidden {hidden}, windows: {windows}: forward / trace", partial(forward, model, x), partial(model.trace, x))
        )
    for windows in ablated:
        x = torch.randn(windows, STEPS, FEATURES)
        loop, ours = partial(document_loop, model, x), partial(model.get_feature_importance, x)
        rows.append(compare(f"ablation, hidden {hidden}, windows: {windows}", loop, ours, rounds=9 if windows > 8 else 15))
    return rows


def prediction() -> Ratio:
    """Return the row for all windows of a sample: one batch after the other, against our batches side by side."""
    sample = SAMPLES["planted_order"]
    loaded = load_checkpoint(sample.checkpoint)
    dataset = prepare_for(read_csv(sample.csv), loaded.schema, loaded.window, loaded.scaling)  # type: ignore[attr-defined]  # shipped ones are whole
    numbers = np.arange(len(dataset.windows))

    def plain() -> None:
        for first in range(0, len(numbers), 64):
            forward(loaded.model, torch.from_numpy(dataset.windows.inputs(numbers[first : first + 64])))

    return compare(f"prediction, {len(numbers)} windows of planted_order", plain, lambda: predict(loaded.model, dataset))


def copying() -> Ratio:
    """Return the row for a private copy of the model, the price of a method that must put hooks on it."""
    model = ComplexLSTMModel().eval()
    return compare(
        "deep copy of the model, hidden 256: forward / copy",
        partial(forward, model, torch.randn(1, STEPS, FEATURES)),
        partial(copy.deepcopy, model),
    )


if __name__ == "__main__":
    print(f"torch {torch.__version__}, threads: {settle_threads()}\n\n{HEADER}")
    for size in (64, 256):
        for row in ratios(size):
            print(row.row, flush=True)
    print(prediction().row)
    print(copying().row)
