"""The cells of a BiLSTM block as the picture draws them: every gate and state of both layers and directions, also with a gate held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from complex_lstm.arithmetic import READINGS, HeldGate, lstm_states, trace_held
from complex_lstm.languages import _, mark
from complex_lstm.model.sites import site_before_block
from complex_lstm.ui.compute.cache import remember
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.views.tour.window import TourWindow

GATE_NAMES = {"i": mark("input gate"), "f": mark("forget gate"), "g": mark("candidate"), "o": mark("output gate")}
Values = Float32[np.ndarray, "reading quantity time channel"]


@dataclass(frozen=True)
class OpenCell:
    """The gates i, f, g, o and the states c, h of a block's four readings; the same with a gate held, and what that changes in words.

    Without a model beside it, in a file that is taken along, no gate can be held.
    """

    values: Values
    gate: HeldGate | None = None
    held: Values | None = None
    words: str = ""
    can_hold: bool = True

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """The arrays in the order of the message."""
        return (self.values,) if self.held is None else (self.values, self.held)

    @property
    def header(self) -> dict[str, Any]:
        """What the browser is told beside the arrays."""
        _, _, steps, channels = self.values.shape
        gate = self.gate
        hold = None
        if gate:
            reading = READINGS.index(gate.reading)
            hold = {"reading": reading, "gate": gate.gate, "value": gate.value, "channel": gate.channel, "step": gate.step}
        return {"steps": steps, "channels": channels, "hold": hold, "words": self.words, "canHold": self.can_hold}


def read_hold(state: Mapping[str, Any] | None, window: TourWindow, box: int) -> HeldGate | None:
    """Return the gate that the visitor holds in a box of this window, by the component's state. Another box or window has none held."""
    reported = (state or {}).get("view") or {}
    hold = reported.get("hold")
    if not hold or reported["box"] != box or hold["window"] != window.token:
        return None
    return HeldGate(READINGS[hold["reading"]], hold["gate"], float(hold["value"]), hold["channel"], hold["step"])


def open_cell(window: TourWindow, block: int, gate: HeldGate | None) -> OpenCell:
    """Return the cells of a block, and with a gate held also what they become.

    Raises:
        ExplanationError: the gate is of a channel or step that is not there.
    """
    own = _readings(window, block, None)
    if gate is None:
        return OpenCell(own)
    changed = trace_held(window.model, window.trace, window.x.to(window.scene.device), block, (gate,)).prediction[0].cpu()
    return OpenCell(own, gate, _readings(window, block, gate), f"{_describe_held(gate)} {describe_change(window, changed, named=str)}")


def _readings(window: TourWindow, block: int, gate: HeldGate | None) -> Values:
    """Return the values of all readings, also with a gate held."""

    def make() -> Values:
        lstm: Any = window.model.lstm_blocks[block].lstm  # nn.ModuleList forgets the class
        h = window.trace.at(site_before_block(block)).to(next(lstm.parameters()).device)
        held = () if gate is None else (gate,)
        found = []
        for reading in READINGS:
            s = lstm_states(lstm, h, layer=reading.layer, backward=reading.backward, held=held)
            found.append(torch.stack([s.input_gate, s.forget_gate, s.candidate, s.output_gate, s.cell, s.hidden])[:, 0])
        return torch.stack(found).float().cpu().numpy()

    return remember("cells", (window.token, block, gate), make, most=24)  # two windows have never the same token


def _describe_held(gate: HeldGate) -> str:
    return _(
        "With the {gate} of {channels}, {steps}, {reading}, held at {value:g}:",
        gate=_(GATE_NAMES[gate.gate]),
        channels=_("all channels") if gate.channel is None else _("channel {number}", number=gate.channel),
        steps=_("every step") if gate.step is None else _("step {step}", step=gate.step),
        reading=(_("backward reading, layer {layer}") if gate.reading.backward else _("forward reading, layer {layer}")).format(
            layer=gate.reading.layer + 1
        ),
        value=gate.value,
    )


def describe_change(window: TourWindow, changed: Float32[Tensor, " output"], *, named: Callable[[str], str] = plain) -> str:
    """Return in words what the explained output, and the predicted class, become: in Markdown, unless names are written otherwise."""
    intact = window.trace.prediction[0]
    words = _(
        "The output {output} goes from {before:.3g} to {after:.3g}, in the model's scale.",
        output=named(window.outputs[window.target]),
        before=float(intact[window.target]),
        after=float(changed[window.target]),
    )
    if not window.scene.is_classes:
        return words
    before, after = int(intact.argmax()), int(changed.argmax())
    name = named(window.outputs[after])
    stays = _("The predicted class stays {name}.", name=name)
    return f"{words} {stays if before == after else _('The predicted class becomes {name}.', name=name)}"
