"""The ensemble: three output heads of one shape, and the combiner that weighs them."""

from __future__ import annotations

from torch import nn

from complex_lstm.model.stack import LayerStack


def output_head(*, hidden_dim: int, output_dim: int, dropout: float) -> nn.Sequential:
    """Return one ensemble head, (batch, 3*channel) -> (batch, output)."""
    return LayerStack(
        nn.Linear(3 * hidden_dim, hidden_dim),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(hidden_dim, hidden_dim // 2),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(hidden_dim // 2, output_dim),
    )


def combiner(*, members: int, hidden_dim: int, output_dim: int) -> nn.Sequential:
    """Return what turns the ensemble heads' outputs side by side into one, (batch, member*output) -> (batch, output)."""
    return LayerStack(nn.Linear(members * output_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, output_dim))
