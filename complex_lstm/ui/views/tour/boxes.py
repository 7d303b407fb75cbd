"""The boxes of the picture: the architecture from the series to the prediction, each with the tensors of this window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from torch import nn

from complex_lstm.ui.views.tour.sheets import (
    Sheet,
    mean_attention,
    open_attention,
    open_combiner,
    open_encoded,
    open_gate,
    open_heads,
    open_pooling,
    open_prediction,
    open_projection,
    open_recurrence,
    open_series,
    open_stage,
    over_time,
)
from complex_lstm.ui.views.tour.window import TourWindow


@dataclass(frozen=True)
class TourBox:
    """One box: its name, the number of its parameters, its thumbnail, and its sheets, which are only made when it is opened."""

    name: str
    parameters: int
    thumbnail: Sheet
    open: Callable[[], tuple[Sheet, ...]]

    @property
    def shape(self) -> str:
        """The shape of the tensor in the thumbnail, time first."""
        return " x ".join(map(str, self.thumbnail.shape))


def list_boxes(window: TourWindow) -> tuple[TourBox, ...]:
    """Return the boxes in the order of the forward pass. Together they have all parameters of the model."""
    model = window.model
    return (
        _box("Series", None, window, open_series),
        _box("Projection", model.input_proj, window, open_projection),
        _box("+ position", None, window, open_encoded),
        _box("Convolution 1", model.temp_conv1, window, partial(open_stage, stage=0)),
        _box("Convolution 2", model.temp_conv2, window, partial(open_stage, stage=1)),
        _box("Fusion gate", model.fusion_gate, window, open_gate),
        *_middle(window),
        _box("Mean | max | last", None, window, open_pooling),
        _box("Ensemble heads", model.output_heads, window, open_heads),
        _box("Combiner", model.ensemble_combiner, window, open_combiner),
        TourBox("Scale, prediction", model.gradient_scale.numel(), open_prediction(window)[0], partial(open_prediction, window)),
    )


def _box(name: str, module: nn.Module | None, window: TourWindow, opened: Callable[[TourWindow], tuple[Sheet, ...]]) -> TourBox:
    return TourBox(name, _count(module), opened(window)[0], partial(opened, window))


def _middle(window: TourWindow) -> Iterator[TourBox]:
    """Yield BiLSTM blocks and attention layers. Their thumbnails are made without the sheets, because the gates take long."""
    trace, model = window.trace, window.model
    for number, block in enumerate(model.lstm_blocks):
        thumbnail = over_time("", trace.lstm[number], rows="channel")
        yield TourBox(f"BiLSTM {number + 1}", _count(block), thumbnail, partial(open_recurrence, window, block=number))
        layer = number // 2
        if number % 2 and layer < len(trace.attended):
            count = _count(model.attention_layers[layer])
            yield TourBox(f"Attention {layer + 1}", count, mean_attention(window, layer), partial(open_attention, window, layer=layer))


def _count(module: nn.Module | None) -> int:
    return 0 if module is None else sum(value.numel() for value in module.parameters())
