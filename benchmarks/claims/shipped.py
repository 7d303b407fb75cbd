"""The document's attention maps and feature importance on a shipped model whose deciding cells are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from complex_lstm import load_checkpoint
from complex_lstm.data import Dataset, prepare_for, read_csv
from complex_lstm.data.planted import cause_frame, make_planted, planted_frame
from complex_lstm.interpretation import explain, make_request
from complex_lstm.interpretation.global_importance import predicted_output
from complex_lstm.interpretation.ground_truth import detect, true_cells
from complex_lstm.model import Checkpoint, ComplexLSTMModel
from complex_lstm.model.sites import ATTENTION_LAYER_AFTER
from complex_lstm.samples import SAMPLES

WINDOWS, SEED = 40, 2026  # windows that no model was trained on


def measured() -> dict[str, Any]:
    """Return means over the windows, with the standard errors of those that are compared."""
    loaded = load_checkpoint(SAMPLES["planted_order"].checkpoint)
    assert isinstance(loaded, Checkpoint)  # shipped ones are whole
    drawn = make_planted("order", WINDOWS, seed=SEED)
    table = read_csv(planted_frame(drawn).to_csv(index=False).encode(), "planted_order.csv")
    dataset = prepare_for(table, loaded.schema, loaded.window, loaded.scaling)
    known, model = cause_frame(drawn), loaded.model
    found: dict[str, list[float]] = {}
    for window in range(WINDOWS):
        truth = true_cells(known, dataset, window)
        request = make_request(dataset, window, predicted_output(model, dataset, window))
        for method in ("attention_rollout", "occlusion"):
            one = detect(explain(model, request, method).cells, truth)
            found.setdefault(f"{method}_auprc", []).append(one.auprc)
            found.setdefault(f"{method}_auroc", []).append(one.auroc)
        found.setdefault("chance_auprc", []).append(one.chance)
        zeroed = by_zeroing(model, dataset, window)
        true = truth.any(axis=0)
        found.setdefault("zeroing_finds_features", []).append(float(set(np.argsort(-zeroed)[: true.sum()]) == set(np.flatnonzero(true))))
    x = torch.from_numpy(dataset.windows.inputs(np.arange(WINDOWS)))
    apart = listed_maps_differ(model, x)
    return {name: float(np.mean(values)) for name, values in found.items()} | {
        "windows": WINDOWS,
        "listed_map_apart_1": apart[0],
        "listed_map_apart_2": apart[1],
    }


def by_zeroing(model: ComplexLSTMModel, dataset: Dataset, window: int) -> Float[np.ndarray, " feature"]:
    """Return the document's importance: how far the outputs move on average when a scaled feature is 0 at all steps."""
    x = torch.from_numpy(dataset.windows.inputs(np.array([window])))
    return np.array([_moved(model, x, feature) for feature in range(x.shape[2])])


@torch.no_grad()
def _moved(model: ComplexLSTMModel, x: Float[Tensor, "1 time feature"], feature: int) -> float:
    without = x.clone()
    without[:, :, feature] = 0
    return float((model(x) - model(without)).abs().mean())


@torch.no_grad()
def listed_maps_differ(model: ComplexLSTMModel, x: Float[Tensor, "window time feature"]) -> tuple[float, float]:
    """Return how far the maps of the document's listing are from those of the forward pass, for both layers.

    The listing does not add what the first attention layer gives before it goes on. The total variation distance: 0 for the same
    maps, 1 for maps that share nothing.
    """
    trace = model.trace(x)
    listed, h = [], trace.fused
    for number, block in enumerate(model.lstm_blocks):
        h = block(h)
        if number in ATTENTION_LAYER_AFTER:
            listed.append(model.attention_layers[ATTENTION_LAYER_AFTER[number]].with_weights(h)[1])  # type: ignore[operator]
    first, second = (0.5 * (trace.attention[:, layer] - one).abs().sum(-1).mean() for layer, one in enumerate(listed))
    return float(first), float(second)
