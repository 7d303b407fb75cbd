"""Small random changes of the training windows, so that a model does not learn what is particular to one recording."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def add_noise(x: Float[Tensor, "batch time feature"], strength: float, generator: torch.Generator) -> Float[Tensor, "batch time feature"]:
    """Return the windows with Gaussian noise of this standard deviation on every cell."""
    return x + strength * torch.randn(x.shape, generator=generator).to(x)


def jitter(x: Float[Tensor, "batch time feature"], strength: float, generator: torch.Generator) -> Float[Tensor, "batch time feature"]:
    """Return the windows with each feature stretched and shifted, by factors and offsets that last the whole window.

    A factor is 1 and an offset 0 on average, both with this standard deviation. It assumes that size and level of a
    feature differ between sources for reasons that have nothing to do with the answer: another person, a sensor worn
    askew. Where the level itself is the answer it does harm.
    """
    each = (len(x), 1, x.shape[-1])
    factor = 1 + strength * torch.randn(each, generator=generator).to(x)
    offset = strength * torch.randn(each, generator=generator).to(x)
    return x * factor + offset
