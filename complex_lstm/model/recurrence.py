"""One residual BiLSTM block."""

from __future__ import annotations

from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class BiLSTMBlock(nn.Module):
    """Reads the window in both directions with two LSTM layers, projects both readings back, and adds its input.

    With a padding mask the windows are packed, so the backward reading starts at each window's own last step.
    """

    def __init__(self, *, hidden_dim: int, dropout: float) -> None:
        super().__init__()
        self.lstm = nn.LSTM(hidden_dim, hidden_dim, num_layers=2, batch_first=True, bidirectional=True, dropout=dropout)
        self.output_proj = nn.Linear(2 * hidden_dim, hidden_dim)
        self.layer_norm = nn.LayerNorm(hidden_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None = None
    ) -> Float[Tensor, "batch time channel"]:
        return self.dropout(self.layer_norm(h + self.output_proj(self._read(h, mask))))

    def _read(
        self, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None
    ) -> Float[Tensor, "batch time 2*channel"]:
        if mask is None:
            return self.lstm(h)[0]
        packed = pack_padded_sequence(h, mask.sum(dim=1).cpu(), batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=h.shape[1])[0]
