"""The architecture document written out a second time, as plainly as torch allows, to compare ours with.

It shares no line with complex_lstm. What the document leaves open is an argument: where Dropout stands in the output
heads and in the combiner, and whether gradient_scale has an axis.
"""

import math

import torch
from torch import Tensor, nn


class PositionalEncoding(nn.Module):
    def __init__(self, hidden_dim: int, max_len: int = 5000) -> None:
        super().__init__()
        position = torch.arange(max_len, dtype=torch.float64)[:, None]
        angle = position / 10000 ** (torch.arange(0, hidden_dim, 2) / hidden_dim)
        pe = torch.zeros(max_len, hidden_dim)
        pe[:, 0::2] = torch.sin(angle)
        pe[:, 1::2] = torch.cos(angle[:, : hidden_dim // 2])
        self.register_buffer("pe", pe[None])

    def forward(self, x: Tensor) -> Tensor:
        return x + self.pe[:, : x.size(1)]


class TemporalConvBlock(nn.Module):
    def __init__(self, hidden_dim: int, kernel_sizes: list[int], dropout: float) -> None:
        super().__init__()
        third = hidden_dim // 3
        out = [third, third, hidden_dim - 2 * third]
        self.convs = nn.ModuleList([
            nn.Sequential(nn.Conv1d(hidden_dim, o, k, padding=k // 2), nn.BatchNorm1d(o), nn.ReLU(), nn.Dropout(dropout))
            for o, k in zip(out, kernel_sizes, strict=True)
        ])  # fmt: skip
        self.output_proj = nn.Linear(hidden_dim, hidden_dim)
        self.layer_norm = nn.LayerNorm(hidden_dim)

    def forward(self, x: Tensor) -> Tensor:
        across = x.transpose(1, 2)
        together = torch.cat([conv(across) for conv in self.convs], dim=1).transpose(1, 2)
        return self.layer_norm(x + self.output_proj(together))


class BiLSTMBlock(nn.Module):
    def __init__(self, hidden_dim: int, dropout: float) -> None:
        super().__init__()
        self.lstm = nn.LSTM(hidden_dim, hidden_dim, 2, batch_first=True, bidirectional=True, dropout=dropout)
        self.output_proj = nn.Linear(2 * hidden_dim, hidden_dim)
        self.layer_norm = nn.LayerNorm(hidden_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        read, _ = self.lstm(x)
        return self.dropout(self.layer_norm(x + self.output_proj(read)))


class MultiHeadAttention(nn.Module):
    def __init__(self, hidden_dim: int, num_heads: int, dropout: float) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.head_dim = hidden_dim // num_heads
        self.w_q = nn.Linear(hidden_dim, hidden_dim)
        self.w_k = nn.Linear(hidden_dim, hidden_dim)
        self.w_v = nn.Linear(hidden_dim, hidden_dim)
        self.w_o = nn.Linear(hidden_dim, hidden_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        batch, time, hidden = x.shape
        q = self.w_q(x).view(batch, time, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        k = self.w_k(x).view(batch, time, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        v = self.w_v(x).view(batch, time, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        weights = torch.softmax(torch.matmul(q, k.transpose(2, 3)) / math.sqrt(self.head_dim), dim=-1)
        taken = torch.matmul(self.dropout(weights), v)
        return self.w_o(taken.permute(0, 2, 1, 3).reshape(batch, time, hidden)), weights


class ReferenceModel(nn.Module):
    def __init__(
        self,
        input_dim: int = 9,
        hidden_dim: int = 256,
        num_lstm_layers: int = 4,
        num_heads: int = 8,
        output_dim: int = 3,
        dropout: float = 0.3,
        *,
        head_dropouts: int = 2,
        combiner_dropout: bool = True,
        scalar_scale: bool = False,
    ) -> None:
        super().__init__()
        h = hidden_dim
        self.input_proj = nn.Sequential(nn.Linear(input_dim, h), nn.LayerNorm(h), nn.ReLU(), nn.Dropout(dropout / 2))
        self.pos_encoding = PositionalEncoding(h)
        self.temp_conv1 = TemporalConvBlock(h, [3, 5, 7], dropout)
        self.temp_conv2 = TemporalConvBlock(h, [3, 5, 9], dropout)
        self.fusion_gate = nn.Sequential(nn.Linear(2 * h, h), nn.Sigmoid())
        self.lstm_blocks = nn.ModuleList([BiLSTMBlock(h, dropout) for _ in range(num_lstm_layers)])
        self.attention_layers = nn.ModuleList([MultiHeadAttention(h, num_heads, dropout) for _ in range(2)])
        self.global_pool = nn.AdaptiveAvgPool1d(1)
        self.local_pool = nn.AdaptiveMaxPool1d(1)
        second = [nn.Dropout(dropout * 0.5)] if head_dropouts == 2 else []
        self.output_heads = nn.ModuleList([
            nn.Sequential(
                nn.Linear(3 * h, h), nn.ReLU(), nn.Dropout(dropout),
                nn.Linear(h, h // 2), nn.ReLU(), *second,
                nn.Linear(h // 2, output_dim),
            )
            for _ in range(3)
        ])  # fmt: skip
        between = [nn.Dropout(dropout)] if combiner_dropout else []
        self.ensemble_combiner = nn.Sequential(nn.Linear(3 * output_dim, h), nn.ReLU(), *between, nn.Linear(h, output_dim))
        self.gradient_scale = nn.Parameter(torch.tensor(1.0) if scalar_scale else torch.ones(1))

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the outputs and the weights of each attention layer that was used."""
        h = self.pos_encoding(self.input_proj(x))
        conv1 = self.temp_conv1(h)
        conv2 = self.temp_conv2(conv1)
        gate = self.fusion_gate(torch.cat([conv1, conv2], dim=-1))
        h = gate * conv1 + (1 - gate) * conv2
        seen = []
        for i, block in enumerate(self.lstm_blocks):
            h = block(h)
            if i in (1, 3):
                taken, weights = self.attention_layers[i // 2](h)
                h = h + taken
                seen.append(weights)
        across = h.transpose(1, 2)
        pooled = torch.cat([self.global_pool(across)[..., 0], self.local_pool(across)[..., 0], h[:, -1]], dim=-1)
        heads = torch.cat([head(pooled) for head in self.output_heads], dim=-1)
        return self.ensemble_combiner(heads) * self.gradient_scale, seen
