"""ComplexLSTMModel: the blocks in the order of the architecture diagram."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import torch
from jaxtyping import Bool, Float, Shaped
from torch import Tensor, nn

from complex_lstm.config import Kernels, ModelConfig
from complex_lstm.errors import DtypeError, ShapeError, Stopped, never_stop
from complex_lstm.model.attention import MultiHeadAttention
from complex_lstm.model.batching import ablated_outputs
from complex_lstm.model.convolution import TemporalConvBlock
from complex_lstm.model.ensemble import MaxPool, MeanPool, combiner, last_step, output_head
from complex_lstm.model.hooks import PLAIN, ForwardPass, Hook, Intervention, apply_interventions, apply_to_heads, record
from complex_lstm.model.padding import padding_mask, zero_padding
from complex_lstm.model.positions import PositionalEncoding
from complex_lstm.model.recurrence import BiLSTMBlock
from complex_lstm.model.sites import ATTENTION_LAYER_AFTER, ENSEMBLE_HEADS, Site
from complex_lstm.model.trace import LongTrace, Trace, assemble_trace, without_weights

MOST_HELD_STEPS = (
    1024  # of longer windows no attention weights are held: 8 heads of 2 layers would take 67 MB, and four times that of twice the steps
)


class ComplexLSTMModel(nn.Module):
    """Convolutions at two stages, a gate between them, residual BiLSTM blocks with attention, and an ensemble.

    The model keeps nothing of a forward pass: no hooks, no caches, so that one model can serve many callers at once.
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
            ConfigError: a size that no model can have, such as a hidden_dim that num_heads does not divide.
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
            MultiHeadAttention(hidden_dim=hidden_dim, num_heads=num_heads, dropout=dropout) for _ in ATTENTION_LAYER_AFTER
        )
        self.global_pool = MeanPool()
        self.local_pool = MaxPool()
        self.output_heads = nn.ModuleList(
            output_head(hidden_dim=hidden_dim, output_dim=output_dim, dropout=dropout) for _ in range(ENSEMBLE_HEADS)
        )
        self.ensemble_combiner = combiner(ensemble_heads=ENSEMBLE_HEADS, hidden_dim=hidden_dim, output_dim=output_dim, dropout=dropout)
        self.gradient_scale = nn.Parameter(torch.ones(1))
        self.register_load_state_dict_pre_hook(_accept_scalar_scale)

    def forward(
        self, x: Shaped[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None, run: ForwardPass = PLAIN
    ) -> Float[Tensor, "batch output"]:
        """Return the outputs: logits of classes, or scaled values.

        With `lengths` each window gets the outputs that it gets alone, whatever stands in its padding, NaN included. An x
        of another number type is converted where the weights' type holds each of its numbers exactly. `run` sets what is
        recorded or changed on the way, and which blocks are active: this is the only way through the model.

        Raises:
            ShapeError: x is not (batch, time, input_dim) with at least one step, or a length does not fit it.
            DtypeError: x has a number type that the weights' type cannot hold exactly, such as float64 for float32.
        """
        mask = self._mask_of(x, lengths)
        x = zero_padding(_converted(x, self.gradient_scale.dtype), mask)
        h = run.at("projected", self.input_proj(x))  # (batch, time, channel)
        h = run.at("encoded", self.pos_encoding(h), skip=h)

        if run.blocks.convolutions:
            conv1 = run.at("conv1", self.temp_conv1(h, mask, run, site="conv1_scales"))
            conv2 = run.at("conv2", self.temp_conv2(conv1, mask, run, site="conv2_scales"))
            gate = run.at("gate", self.fusion_gate(torch.cat([conv1, conv2], dim=-1)))
            h = run.at("fused", gate * conv1 + (1 - gate) * conv2)

        for number, block in enumerate(islice(self.lstm_blocks, run.blocks.lstm_blocks)):
            h = run.at("lstm", block(h, mask), skip=h)
            if run.blocks.attention and number in ATTENTION_LAYER_AFTER:
                attention = self.attention_layers[ATTENTION_LAYER_AFTER[number]]
                h = run.at("attended", h + attention(h, mask, run), skip=h)

        mean = run.at("pooled_mean", self.global_pool(h, mask))  # (batch, channel)
        largest = run.at("pooled_max", self.local_pool(h, mask))
        last = run.at("pooled_last", last_step(h, mask))
        pooled = torch.cat([mean, largest, last], dim=-1)  # (batch, 3*channel)

        outputs = torch.stack([ensemble_head(pooled) for ensemble_head in self.output_heads], dim=1)  # (batch, ensemble_head, output)
        outputs = run.at("ensemble_head_outputs", outputs)
        return run.at("prediction", self.ensemble_combiner(outputs.flatten(1)) * self.gradient_scale)  # (batch, output)

    @torch.no_grad()
    def trace(
        self,
        x: Shaped[Tensor, "batch time feature"],
        lengths: Tensor | list[int] | None = None,
        interventions: Sequence[Intervention] = (),
    ) -> Trace:
        """Return every intermediate value of one forward pass, in the mode (train or eval) that the model is in.

        Interventions act each at its site, several at one site in the order given. In training mode a copy is run:
        looking must not move the running statistics of BatchNorm.

        Raises:
            ShapeError, DtypeError: as `forward` does, or an intervention brings a value of another shape or length.
            InterventionError: an intervention at a site that this model does not have.
        """
        values: dict[Site, Tensor] = {}
        mask = self._mask_of(x, lengths)
        hooks = self._hooks_of(interventions, x, mask)
        self._copy_if_training()(x, lengths, ForwardPass(*hooks, record(values.__setitem__), attention_weights=True))
        steps = torch.full((len(x),), x.shape[1]) if mask is None else mask.sum(dim=1)
        return assemble_trace(values, steps, self.config.num_heads)

    @torch.no_grad()
    def long_trace(
        self,
        x: Shaped[Tensor, "batch time feature"],
        interventions: Sequence[Intervention] = (),
        stop: Callable[[], bool] = never_stop,
    ) -> LongTrace:
        """Return what `trace` returns of windows without padding, with attention weights that are made row by row on demand.

        Attention runs fused, so that memory grows with the steps and not with their square: 20,000 steps of a model of 64
        channels take some hundred MB where their weights alone would take 26 GB. `stop` is called at each site.

        Raises:
            Stopped: `stop` returned True.
            ShapeError, DtypeError: as `forward` does.
            InterventionError: as `trace` does, or an intervention needs the attention weights themselves, as patching them does.
        """
        self._mask_of(x, None)
        values: dict[Site, Tensor] = {}
        whole = torch.ones_like(x[..., 0], dtype=torch.bool)
        hooks, model = self._hooks_of(interventions, x, None), self._copy_if_training()

        def keep(site: Site, value: Tensor) -> None:
            if stop():
                raise Stopped
            values[site] = value

        run = ForwardPass(*hooks, record(keep), on_heads=apply_to_heads(interventions, whole))
        model(x, None, run)
        inputs = [values[Site("lstm", block)] for block in ATTENTION_LAYER_AFTER if Site("lstm", block) in values]
        layers: Any = model.attention_layers  # nn.ModuleList forgets the class
        pairs = [layer.queries_and_keys(h) for layer, h in zip(layers, inputs, strict=False)]
        queries, keys = zip(*pairs, strict=True) if pairs else ((), ())
        steps = torch.full((len(x),), x.shape[1])
        on_weights = tuple(one for one in interventions if one.site.name == "attention")
        return without_weights(assemble_trace(values, steps, self.config.num_heads), queries, keys, on_weights)

    def trace_any(
        self,
        x: Shaped[Tensor, "batch time feature"],
        interventions: Sequence[Intervention] = (),
        stop: Callable[[], bool] = never_stop,
    ) -> Trace:
        """Return the trace of windows without padding, a `LongTrace` of more than 1,024 steps, during which `stop` is called.

        Raises:
            Stopped: `stop` returned True.
        """
        return self.trace(x, None, interventions) if x.shape[1] <= MOST_HELD_STEPS else self.long_trace(x, interventions, stop)

    def intervened(
        self,
        x: Shaped[Tensor, "batch time feature"],
        lengths: Tensor | list[int] | None = None,
        interventions: Sequence[Intervention] = (),
    ) -> Float[Tensor, "batch output"]:
        """Return the outputs of a pass with interventions, as `trace` does, at the cost of a plain forward pass.

        Attention runs fused unless an intervention needs its weights, and always of more than 1,024 steps. Gradients flow; in
        training mode, where a copy is run, they reach x and not the model.
        """
        mask = self._mask_of(x, lengths)
        hooks = self._hooks_of(interventions, x, mask)
        weights = any(one.site.name == "attention" for one in interventions) and x.shape[1] <= MOST_HELD_STEPS
        seen = torch.ones_like(x[..., 0], dtype=torch.bool) if mask is None else mask
        run = ForwardPass(*hooks, attention_weights=weights, on_heads=apply_to_heads(interventions, seen))
        return self._copy_if_training()(x, lengths, run)

    @torch.no_grad()
    def ensemble_head_outputs(
        self, x: Shaped[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None
    ) -> tuple[Float[Tensor, "batch ensemble_head output"], Float[Tensor, "batch output"]]:
        """Return the output of each ensemble head and the combined outputs, at the cost of a plain forward pass.

        In training mode a copy is run, as in `trace`.
        """
        kept: list[Tensor] = []
        keep = record(lambda site, value: kept.append(value) if site.name == "ensemble_head_outputs" else None)
        prediction = self._copy_if_training()(x, lengths, ForwardPass(keep))
        return kept[0], prediction

    def get_attention_weights(
        self, x: Shaped[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None
    ) -> list[Float[Tensor, "batch head time time"]]:
        """Return the attention weights that a forward pass uses, one tensor for each attention layer."""
        return list(self.trace(x, lengths).attention.unbind(dim=1))

    @torch.no_grad()
    def get_feature_importance(self, x: Shaped[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None) -> list[float]:
        """Return for each feature how much the outputs change, in mean absolute value, when it is set to zero in the whole window.

        The architecture document's loop, in batches. It is a property of the evaluated model: in training mode a
        copy in eval mode is run, because dropout would drown the change. Zero is the training mean of a scaled
        feature; where zero is unlike the data, the number shows how the model reacts to unusual data rather than how
        much it uses the feature.
        """
        if not len(x):
            return []
        model = copy.deepcopy(self).eval() if self.training else self
        intact, ablated = ablated_outputs(model, x, torch.zeros(()), lengths)
        return (ablated - intact).abs().mean(dim=(1, 2)).tolist()

    def _mask_of(self, x: Tensor, lengths: Tensor | list[int] | None) -> Bool[Tensor, "batch time"] | None:
        """Return the padding mask, None where nothing is padded: blocks are faster without one."""
        wanted = self.config.input_dim
        if x.ndim != 3 or x.shape[-1] != wanted or not x.shape[1]:
            raise ShapeError(
                f"x has shape {tuple(x.shape)}, expected (batch, time, {wanted}) with at least one time step. "
                f"A single window needs a batch axis: x[None]."
            )
        if lengths is None:
            return None
        mask = padding_mask(lengths, batch=len(x), time=x.shape[1]).to(x.device)
        return None if bool(mask.all()) else mask

    def _hooks_of(self, interventions: Sequence[Intervention], x: Tensor, mask: Bool[Tensor, "batch time"] | None) -> tuple[Hook, ...]:
        for one in interventions:
            one.check(self.config)
        if not interventions:
            return ()
        return (apply_interventions(interventions, torch.ones_like(x[..., 0], dtype=torch.bool) if mask is None else mask),)

    def _copy_if_training(self) -> ComplexLSTMModel:
        """Return a model that a pass may change: in training mode a copy, because BatchNorm moves its statistics there."""
        return copy.deepcopy(self) if self.training else self


def _converted(x: Tensor, dtype: torch.dtype) -> Tensor:
    """Return x in another number type that holds each number of x's own type exactly; float16 fits in float32, int32 does not."""
    if x.dtype == dtype:
        return x
    if x.is_floating_point():
        is_exact = torch.promote_types(x.dtype, dtype) == dtype
    else:
        digits = 1 - math.log2(torch.finfo(dtype).eps)
        is_exact = x.dtype == torch.bool or (not x.is_complex() and torch.iinfo(x.dtype).bits <= digits)
    if not is_exact:
        raise DtypeError(f"x has numbers of type {x.dtype}, the weights {dtype}, which cannot hold them exactly. Convert: x.to({dtype}).")
    return x.to(dtype)


def _accept_scalar_scale(module: nn.Module, state: dict[str, Any], prefix: str, *_: Any) -> None:
    name = prefix + "gradient_scale"
    if name in state and state[name].ndim == 0:
        state[name] = state[name].reshape(1)
