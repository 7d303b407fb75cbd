"""ComplexLSTMModel: the blocks in the order of the architecture diagram."""

from __future__ import annotations

import copy
from collections import defaultdict
from itertools import islice
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from complex_lstm.config import ModelConfig
from complex_lstm.errors import ShapeError
from complex_lstm.model.ablation import ablated_outputs
from complex_lstm.model.attention import MultiHeadAttention
from complex_lstm.model.convolution import TemporalConvBlock
from complex_lstm.model.ensemble import combiner, output_head
from complex_lstm.model.padding import real_steps
from complex_lstm.model.parts import ALL_PARTS, Parts
from complex_lstm.model.pooling import MaxPool, MeanPool, last_step
from complex_lstm.model.positions import PositionalEncoding
from complex_lstm.model.recurrence import BiLSTMBlock
from complex_lstm.model.trace import Note, Trace, ignore

ATTENTION_LAYERS = 2
ENSEMBLE_HEADS = 3


class ComplexLSTMModel(nn.Module):
    """Convolutions at two stages, a gate between them, residual BiLSTM blocks with attention, and an ensemble.

    The model remembers nothing of a run: no hooks, no caches, so that one model can serve many callers at once.
    Names of modules and parameters are those of the architecture document.
    """

    def __init__(
        self,
        input_dim: int = 9,
        hidden_dim: int = 256,
        num_lstm_layers: int = 4,
        num_heads: int = 8,
        output_dim: int = 3,
        dropout: float = 0.3,
    ) -> None:
        """Make an untrained model.

        Raises:
            ConfigError: a number that no model can have, such as a hidden_dim that num_heads does not divide.
        """
        super().__init__()
        self.config = ModelConfig(input_dim, hidden_dim, num_lstm_layers, num_heads, output_dim, dropout)
        self.input_proj = nn.Sequential(nn.Linear(input_dim, hidden_dim), nn.LayerNorm(hidden_dim), nn.ReLU(), nn.Dropout(dropout / 2))
        self.pos_encoding = PositionalEncoding(hidden_dim)
        self.temp_conv1 = TemporalConvBlock(hidden_dim=hidden_dim, kernels=(3, 5, 7), dropout=dropout)
        self.temp_conv2 = TemporalConvBlock(hidden_dim=hidden_dim, kernels=(3, 5, 9), dropout=dropout)
        self.fusion_gate = nn.Sequential(nn.Linear(2 * hidden_dim, hidden_dim), nn.Sigmoid())
        self.lstm_blocks = nn.ModuleList(BiLSTMBlock(hidden_dim=hidden_dim, dropout=dropout) for _ in range(num_lstm_layers))
        self.attention_layers = nn.ModuleList(
            MultiHeadAttention(hidden_dim=hidden_dim, num_heads=num_heads, dropout=dropout) for _ in range(ATTENTION_LAYERS)
        )
        self.global_pool = MeanPool()
        self.local_pool = MaxPool()
        self.output_heads = nn.ModuleList(
            output_head(hidden_dim=hidden_dim, output_dim=output_dim, dropout=dropout) for _ in range(ENSEMBLE_HEADS)
        )
        self.ensemble_combiner = combiner(members=ENSEMBLE_HEADS, hidden_dim=hidden_dim, output_dim=output_dim)
        self.gradient_scale = nn.Parameter(torch.ones(1))
        self.register_load_state_dict_pre_hook(_accept_scalar_scale)

    def forward(self, x: Float[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None) -> Float[Tensor, "batch output"]:
        """Return the outputs: logits of classes, or scaled values.

        With `lengths` each series gets what it gets alone, whatever stands in its padding.

        Raises:
            ShapeError: x is not (batch, time, input_dim) with at least one step, or a length does not fit it.
        """
        return self._walk(x, self._mask(x, lengths))

    def forward_through(
        self, parts: Parts, x: Float[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None
    ) -> Float[Tensor, "batch output"]:
        """Return the outputs of a pass through these parts only, for training the model piece by piece."""
        return self._walk(x, self._mask(x, lengths), parts=parts)

    @torch.no_grad()
    def trace(self, x: Float[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None) -> Trace:
        """Return every intermediate value of one forward pass, in the mode (train or eval) that the model is in.

        In training mode a copy is walked through: looking must not move the running statistics of BatchNorm.
        """
        mask = self._mask(x, lengths)
        kept: dict[str, Any] = defaultdict(list)
        walker = copy.deepcopy(self) if self.training else self
        walker._walk(x, mask, lambda name, value: kept[name].append(value), weights=True)
        steps = torch.full((len(x),), x.shape[1]) if mask is None else mask.sum(dim=1)
        attention = torch.stack(kept["attention"], 1) if kept["attention"] else _no_attention(x, self.config.num_heads)
        (first_scales, second_scales) = kept.pop("scales")
        many: dict[str, Any] = {name: tuple(kept.pop(name, ())) for name in ("lstm", "attended")}
        once = {name: values[0] for name, values in kept.items() if name != "attention"}
        scales: dict[str, Any] = {"conv1_scales": tuple(first_scales), "conv2_scales": tuple(second_scales)}
        return Trace(lengths=steps, attention=attention, **scales, **many, **once)

    @torch.no_grad()
    def member_outputs(
        self, x: Float[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None
    ) -> tuple[Float[Tensor, "batch member output"], Float[Tensor, "batch output"]]:
        """Return what each ensemble head says and the combined outputs, at the cost of a plain forward pass.

        In training mode a copy is walked through, as in `trace`.
        """
        kept: list[Tensor] = []
        walker = copy.deepcopy(self) if self.training else self
        prediction = walker._walk(x, self._mask(x, lengths), lambda name, value: kept.append(value) if name == "head_outputs" else None)
        return kept[0], prediction

    def get_attention_weights(
        self, x: Float[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None
    ) -> list[Float[Tensor, "batch head time time"]]:
        """Return the attention weights that a forward pass uses, one tensor for each attention layer."""
        return list(self.trace(x, lengths).attention.unbind(dim=1))

    @torch.no_grad()
    def get_feature_importance(
        self, x: Float[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None
    ) -> Float[Tensor, " feature"]:
        """Return how much the outputs change, in mean absolute value, when a feature is set to zero in the whole window.

        The architecture document's loop, in batches. It is a property of the evaluated model: in training mode a
        copy in eval mode answers, because dropout would drown the change. Zero is the training mean of a scaled
        feature; where zero is unlike the data, the number says more of the model's surprise than of the feature.
        """
        model = copy.deepcopy(self).eval() if self.training else self
        intact, ablated = ablated_outputs(model, x, torch.zeros(()), lengths)
        return (ablated - intact).abs().mean(dim=(1, 2))

    def _walk(
        self,
        x: Float[Tensor, "batch time feature"],
        mask: Bool[Tensor, "batch time"] | None,
        note: Note = ignore,
        *,
        weights: bool = False,
        parts: Parts = ALL_PARTS,
    ) -> Float[Tensor, "batch output"]:
        """Go once through the blocks and tell `note` of each step. The only way through the model.

        Without `weights` attention runs fused, and its weights are never in memory.
        """
        h = self.input_proj(x)
        note("projected", h)
        h = self.pos_encoding(h)
        note("encoded", h)
        if parts.convolutions:
            h = self._convolve(h, mask, note)
        for number, block in enumerate(islice(self.lstm_blocks, parts.lstm_blocks)):
            h = block(h, mask)
            note("lstm", h)
            if parts.attention and number % 2 == 1 and number // 2 < len(self.attention_layers):
                h = self._attend(number // 2, h, mask, note, weights=weights)
                note("attended", h)
        return self._combine(h, mask, note)

    def _convolve(
        self, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None, note: Note
    ) -> Float[Tensor, "batch time channel"]:
        conv1 = self.temp_conv1(h, mask, note)
        note("conv1", conv1)
        conv2 = self.temp_conv2(conv1, mask, note)
        note("conv2", conv2)
        gate = self.fusion_gate(torch.cat([conv1, conv2], dim=-1))
        note("gate", gate)
        h = gate * conv1 + (1 - gate) * conv2
        note("fused", h)
        return h

    def _attend(
        self, layer: int, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None, note: Note, *, weights: bool
    ) -> Float[Tensor, "batch time channel"]:
        attention: Any = self.attention_layers[layer]  # nn.ModuleList forgets the class
        taken, shares = attention.with_weights(h, mask) if weights else (attention(h, mask), None)
        note("attention", shares)
        return h + taken

    def _combine(
        self, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None, note: Note
    ) -> Float[Tensor, "batch output"]:
        mean, largest, last = self.global_pool(h, mask), self.local_pool(h, mask), last_step(h, mask)
        note("pooled_mean", mean)
        note("pooled_max", largest)
        note("pooled_last", last)
        pooled = torch.cat([mean, largest, last], dim=-1)

        head_outputs = torch.stack([head(pooled) for head in self.output_heads], dim=1)  # (batch, member, output)
        note("head_outputs", head_outputs)
        prediction = self.ensemble_combiner(head_outputs.flatten(1)) * self.gradient_scale
        note("prediction", prediction)
        return prediction

    def _mask(self, x: Tensor, lengths: Tensor | list[int] | None) -> Bool[Tensor, "batch time"] | None:
        wanted = self.config.input_dim
        if x.ndim != 3 or x.shape[-1] != wanted or not x.shape[1]:
            raise ShapeError(
                f"x has shape {tuple(x.shape)}, expected (batch, time, {wanted}) with at least one time step. "
                f"A single window needs a batch axis: x[None]."
            )
        if lengths is None:
            return None
        mask = real_steps(lengths, x.shape[1], len(x)).to(x.device)
        return None if bool(mask.all()) else mask


def _no_attention(x: Float[Tensor, "batch time feature"], heads: int) -> Float[Tensor, "batch layer head query key"]:
    return x.new_zeros(len(x), 0, heads, x.shape[1], x.shape[1])


def _accept_scalar_scale(module: nn.Module, state: dict[str, Any], prefix: str, *_: Any) -> None:
    name = prefix + "gradient_scale"
    if name in state and state[name].ndim == 0:
        state[name] = state[name].reshape(1)
