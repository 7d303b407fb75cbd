"""How the ensemble's heads differ, and what the combiner makes of them."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float

from complex_lstm.model import ComplexLSTMModel


def disagreement(ensemble_head_outputs: Float[np.ndarray, "window ensemble_head output"]) -> Float[np.ndarray, " window"]:
    """Return how far the ensemble heads are apart: the standard deviation over them, averaged over the outputs.

    Only the combined output is trained. The heads may differ because they are unsure, or because the combiner uses
    each for something else; the number does not tell which.
    """
    return ensemble_head_outputs.std(axis=1).mean(axis=-1)


def combiner_sensitivity(
    model: ComplexLSTMModel, ensemble_head_outputs: Float[np.ndarray, "ensemble_head output"]
) -> Float[np.ndarray, "output ensemble_head output"]:
    """Return d prediction / d (output of an ensemble head) at this window: how the combiner weighs the heads here.

    The combiner has a ReLU inside, so at another window the weights can be others.
    """
    said = torch.from_numpy(ensemble_head_outputs).to(model.gradient_scale.device)

    def combine(heads: torch.Tensor) -> torch.Tensor:
        return model.ensemble_combiner(heads.flatten()) * model.gradient_scale

    return torch.func.jacrev(combine)(said).detach().cpu().numpy()
