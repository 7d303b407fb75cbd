"""Small random changes of the training windows, so that a model does not learn what is particular to one recording."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
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


def warp(
    x: Float[Tensor, "batch time feature"], lengths: Int[Tensor, " batch"], strength: float, generator: torch.Generator
) -> Float[Tensor, "batch time feature"]:
    """Return the windows played faster or slower around their middle; what is lacking at the ends is mirrored.

    The logarithm of a window's speed is Gaussian with this standard deviation, and the speed is held within 1/2 and 2.
    Values between two steps are interpolated (window warping, after Le Guennec et al. 2016). It assumes that people or
    machines do the same at different paces; where the pace itself is the answer, or what comes next, it does harm.
    """
    draw = torch.randn(len(x), generator=generator).to(x)
    speed = torch.exp(strength * draw).clamp(0.5, 2)[:, None]
    last = (lengths.to(x) - 1)[:, None]
    steps = torch.arange(x.shape[1], device=x.device).to(x)[None].expand(len(x), -1)
    at = (last / 2 + speed * (steps - last / 2)).abs()
    at = torch.where(steps > last, steps, torch.minimum(at, 2 * last - at).clamp(min=0))  # padded steps stay where they are
    before = at.floor().long()
    after = torch.minimum(before + 1, (last.long()).clamp(min=0).expand_as(before)).maximum(before)
    share = (at - before)[..., None]
    return _taken(x, before) * (1 - share) + _taken(x, after) * share


def _taken(x: Float[Tensor, "batch time feature"], steps: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time feature"]:
    return x.gather(1, steps[..., None].expand(-1, -1, x.shape[-1]))
