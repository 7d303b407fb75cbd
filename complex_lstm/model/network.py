"""ComplexLSTMModel: the blocks in the order of the architecture diagram."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from complex_lstm.config import Kernels, ModelConfig
from complex_lstm.errors import ShapeError
from complex_lstm.model.ablation import ablated_outputs
from complex_lstm.model.attention import MultiHeadAttention
from complex_lstm.model.convolution import TemporalConvBlock
from complex_lstm.model.ensemble import combiner, output_head
from complex_lstm.model.hooks import Hook, Intervention, RecordValue, apply_interventions, identity_hook, record, record_nothing
from complex_lstm.model.padding import real_steps
from complex_lstm.model.pooling import MaxPool, MeanPool, last_step
from complex_lstm.model.positions import PositionalEncoding
from complex_lstm.model.recurrence import BiLSTMBlock
from complex_lstm.model.sites import ALL_PARTS, ATTENTION_AFTER, ENSEMBLE_HEADS, Parts, Site
from complex_lstm.model.trace import Trace, assemble_trace

ATTENTION_LAYERS = len(ATTENTION_AFTER)


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
        kernels: Kernels = ((3, 5, 7), (3, 5, 9)),
    ) -> None:
        """Make an untrained model.

        Raises:
            ConfigError: a number that no model can have, such as a hidden_dim that num_heads does not divide.
        """
        super().__init__()
        self.config = ModelConfig(input_dim, hidden_dim, num_lstm_layers, num_heads, output_dim, dropout, kernels)
        self.input_proj = nn.Sequential(nn.Linear(input_dim, hidden_dim), nn.LayerNorm(hidden_dim), nn.ReLU(), nn.Dropout(dropout / 2))
        self.pos_encoding = PositionalEncoding(hidden_dim)
        self.temp_conv1 = TemporalConvBlock(hidden_dim=hidden_dim, kernels=kernels[0], dropout=dropout)
        self.temp_conv2 = TemporalConvBlock(hidden_dim=hidden_dim, kernels=kernels[1], dropout=dropout)
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
        self.ensemble_combiner = combiner(ensemble_heads=ENSEMBLE_HEADS, hidden_dim=hidden_dim, output_dim=output_dim)
        self.gradient_scale = nn.Parameter(torch.ones(1))
        self.register_load_state_dict_pre_hook(_accept_scalar_scale)

    def forward(self, x: Float[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None) -> Float[Tensor, "batch output"]:
        """Return the outputs: logits of classes, or scaled values.

        With `lengths` each series gets what it gets alone, whatever stands in its padding.

        Raises:
            ShapeError: x is not (batch, time, input_dim) with at least one step, or a length does not fit it.
        """
        return self._run(x, self._mask(x, lengths))

    def forward_through(
        self,
        parts: Parts,
        x: Float[Tensor, "batch time feature"],
        lengths: Tensor | list[int] | None = None,
        *,
        note: RecordValue = record_nothing,
        weights: bool = False,
    ) -> Float[Tensor, "batch output"]:
        """Return the outputs of a pass through these parts only, for training the model piece by piece.

        `note` is told of each box that is gone through, and of the attention weights if `weights` are wanted.
        """
        return self._run(x, self._mask(x, lengths), record(note), weights=weights, parts=parts)

    @torch.no_grad()
    def trace(
        self,
        x: Float[Tensor, "batch time feature"],
        lengths: Tensor | list[int] | None = None,
        interventions: Sequence[Intervention] = (),
    ) -> Trace:
        """Return every intermediate value of one forward pass, in the mode (train or eval) that the model is in.

        Interventions act each at its box, several at one box in the order given. In training mode a copy is walked
        through: looking must not move the running statistics of BatchNorm.

        Raises:
            ShapeError: as `forward` does, or an intervention brings a value of another shape or length.
            InterventionError: an intervention at a place that this model does not have.
        """
        mask = self._mask(x, lengths)
        recorded: dict[str, list[Tensor]] = defaultdict(list)
        hook = record(lambda name, value: recorded[name].append(value), self._intervening(interventions, x, mask))
        self._safe_to_run()._run(x, mask, hook, weights=True)
        steps = torch.full((len(x),), x.shape[1]) if mask is None else mask.sum(dim=1)
        return assemble_trace(recorded, steps, self.config.num_heads)

    def intervened(
        self,
        x: Float[Tensor, "batch time feature"],
        lengths: Tensor | list[int] | None = None,
        interventions: Sequence[Intervention] = (),
    ) -> Float[Tensor, "batch output"]:
        """Return the outputs of a pass with interventions, as `trace` does, at the cost of a plain forward pass.

        Attention runs fused unless an intervention needs its weights. Gradients flow; in training mode, where a copy is
        walked through, they reach x and not the model.
        """
        mask = self._mask(x, lengths)
        weights = any(one.site.name == "attention" for one in interventions)
        return self._safe_to_run()._run(x, mask, self._intervening(interventions, x, mask), weights=weights)

    @torch.no_grad()
    def ensemble_head_outputs(
        self, x: Float[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None
    ) -> tuple[Float[Tensor, "batch ensemble_head output"], Float[Tensor, "batch output"]]:
        """Return what each ensemble head says and the combined outputs, at the cost of a plain forward pass.

        In training mode a copy is walked through, as in `trace`.
        """
        kept: list[Tensor] = []
        hook = record(lambda name, value: kept.append(value) if name == "ensemble_head_outputs" else None)
        prediction = self._safe_to_run()._run(x, self._mask(x, lengths), hook)
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

    def _run(
        self,
        x: Float[Tensor, "batch time feature"],
        mask: Bool[Tensor, "batch time"] | None,
        hook: Hook = identity_hook,
        *,
        weights: bool = False,
        parts: Parts = ALL_PARTS,
    ) -> Float[Tensor, "batch output"]:
        """Go once through the boxes; what `step` returns of each goes on. The only way through the model.

        Without `weights` attention runs fused, and its weights are never in memory.
        """
        h = hook(Site("projected"), self.input_proj(x), x)
        h = hook(Site("encoded"), self.pos_encoding(h), h)
        if parts.convolutions:
            h = self._convolve(h, mask, hook)
        for number, block in enumerate(islice(self.lstm_blocks, parts.lstm_blocks)):
            h = hook(Site("lstm", number), block(h, mask), h)
            if parts.attention and number in ATTENTION_AFTER:
                layer = ATTENTION_AFTER.index(number)
                h = hook(Site("attended", layer), h + self._attend(layer, h, mask, hook, weights=weights), h)
        return self._combine(h, mask, hook)

    def _convolve(
        self, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None, hook: Hook
    ) -> Float[Tensor, "batch time channel"]:
        conv1 = hook(Site("conv1"), self.temp_conv1(h, mask, hook, "conv1_scales"), h)
        conv2 = hook(Site("conv2"), self.temp_conv2(conv1, mask, hook, "conv2_scales"), conv1)
        both = torch.cat([conv1, conv2], dim=-1)
        gate = hook(Site("gate"), self.fusion_gate(both), both)
        return hook(Site("fused"), gate * conv1 + (1 - gate) * conv2, both)

    def _attend(
        self, layer: int, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None, hook: Hook, *, weights: bool
    ) -> Float[Tensor, "batch time channel"]:
        attention: Any = self.attention_layers[layer]  # nn.ModuleList forgets the class
        return attention.with_weights(h, mask, hook, layer)[0] if weights else attention(h, mask)

    def _combine(
        self, h: Float[Tensor, "batch time channel"], mask: Bool[Tensor, "batch time"] | None, hook: Hook
    ) -> Float[Tensor, "batch output"]:
        mean = hook(Site("pooled_mean"), self.global_pool(h, mask), h)
        largest = hook(Site("pooled_max"), self.local_pool(h, mask), h)
        last = hook(Site("pooled_last"), last_step(h, mask), h)
        pooled = torch.cat([mean, largest, last], dim=-1)

        ensemble_head_outputs = torch.stack([head(pooled) for head in self.output_heads], dim=1)  # (batch, member, output)
        ensemble_head_outputs = hook(Site("ensemble_head_outputs"), ensemble_head_outputs, pooled)
        return hook(
            Site("prediction"), self.ensemble_combiner(ensemble_head_outputs.flatten(1)) * self.gradient_scale, ensemble_head_outputs
        )

    def _intervening(self, interventions: Sequence[Intervention], x: Tensor, mask: Bool[Tensor, "batch time"] | None) -> Hook:
        if not interventions:
            return identity_hook
        for one in interventions:
            one.check(self.config)
        return apply_interventions(interventions, x.new_ones(x.shape[:2], dtype=torch.bool) if mask is None else mask)

    def _safe_to_run(self) -> ComplexLSTMModel:
        """Return what may be walked through without a mark: in training mode a copy, whose BatchNorm may move."""
        return copy.deepcopy(self) if self.training else self

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


def _accept_scalar_scale(module: nn.Module, state: dict[str, Any], prefix: str, *_: Any) -> None:
    name = prefix + "gradient_scale"
    if name in state and state[name].ndim == 0:
        state[name] = state[name].reshape(1)
