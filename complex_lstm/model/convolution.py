"""Temporal convolutions of three kernel widths in parallel."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from complex_lstm.model.hooks import PLAIN, ForwardPass
from complex_lstm.model.padding import zero_padding


class TemporalConvBlock(nn.Module):
    """Convolves each step's neighbourhood at several kernel widths (scales), mixes them, and adds its input.

    The channels are divided evenly among the kernels, with the remainder to the last: 85, 85, 86 of 256. Odd kernels
    padded by half their width keep the length.
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
        run: ForwardPass = PLAIN,
        site: str = "scales",
    ) -> Float[Tensor, "batch time channel"]:
        """Return the block's output. `site` is what the responses of its scales are called in the forward pass."""
        across = zero_padding(h, mask).transpose(1, 2)  # (batch, channel, time), as Conv1d takes it
        scales = [run.at(site, _respond(conv, across, mask)) for conv in self.convs]
        return self.layer_norm(h + self.output_proj(torch.cat(scales, dim=-1)))


def _respond(
    conv: nn.Module,
    across: Float[Tensor, "batch channel time"],
    mask: Bool[Tensor, "batch time"] | None,
) -> Float[Tensor, "batch time channel_of_scale"]:
    """Return one scale's response. Padding must not enter the statistics of BatchNorm, so what follows the convolution skips it."""
    if mask is None:
        return conv(across).transpose(1, 2)  # (batch, time, channel_of_scale)
    convolve, *rest = conv.children()
    response = convolve(across).transpose(1, 2)  # (batch, time, channel_of_scale)
    unpadded = response[mask]  # (unpadded steps of all windows, channel_of_scale)
    for layer in rest:
        unpadded = layer(unpadded)
    return torch.zeros_like(response, dtype=unpadded.dtype).masked_scatter(mask[..., None], unpadded)
