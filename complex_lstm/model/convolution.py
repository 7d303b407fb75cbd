"""Temporal convolutions at three widths side by side."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from complex_lstm.model.hooks import Hook, identity_hook
from complex_lstm.model.padding import zero_padding
from complex_lstm.model.sites import Site


class TemporalConvBlock(nn.Module):
    """Looks at each step's neighbourhood at several widths (scales), mixes them, and adds what came in.

    The channels are shared out evenly over the kernels, the remainder to the last: 85, 85, 86 of 256. Odd kernels
    with half their width as padding keep the length.
    """

    def __init__(self, *, hidden_dim: int, kernels: tuple[int, ...], dropout: float) -> None:
        super().__init__()
        share = hidden_dim // len(kernels)
        widths = [share] * (len(kernels) - 1) + [hidden_dim - share * (len(kernels) - 1)]
        self.kernels = kernels
        self.convs = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(hidden_dim, width, kernel, padding=kernel // 2),
                nn.BatchNorm1d(width),
                nn.ReLU(),
                nn.Dropout(dropout),
            )
            for kernel, width in zip(kernels, widths, strict=True)
        )
        self.output_proj = nn.Linear(hidden_dim, hidden_dim)
        self.layer_norm = nn.LayerNorm(hidden_dim)

    def forward(
        self,
        h: Float[Tensor, "batch time channel"],
        mask: Bool[Tensor, "batch time"] | None = None,
        hook: Hook = identity_hook,
        name: str = "scales",
    ) -> Float[Tensor, "batch time channel"]:
        across = zero_padding(h, mask).transpose(1, 2)  # (batch, channel, time), as Conv1d wants it
        scales = [hook(Site(name, number), _respond(conv, across, mask), h) for number, conv in enumerate(self.convs)]
        return self.layer_norm(h + self.output_proj(torch.cat(scales, dim=-1)))


def _respond(
    conv: nn.Module,
    across: Float[Tensor, "batch channel time"],
    mask: Bool[Tensor, "batch time"] | None,
) -> Float[Tensor, "batch time channel_of_scale"]:
    """Return one scale's response. Padding must not enter the statistics of BatchNorm, so real steps go through packed."""
    if mask is None:
        return conv(across).transpose(1, 2)
    convolve, *rest = conv.children()
    response = convolve(across).transpose(1, 2)  # (batch, time, channel_of_scale)
    real = response[mask]  # (real steps of all series, channel_of_scale)
    for layer in rest:
        real = layer(real)
    return torch.zeros_like(response, dtype=real.dtype).masked_scatter(mask[..., None], real)
