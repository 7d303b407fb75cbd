"""Pages 8 to 10: both directions of a BiLSTM, the gates of an LSTM cell, and the residual connection."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float32

from complex_lstm.arithmetic import LSTMStates, lstm_states
from complex_lstm.languages import _, mark, ngettext
from complex_lstm.model.interventions import SkipBlock
from complex_lstm.ui.views.tour.chapter import (
    Chapter,
    Compared,
    MultipleChoice,
    NumericAnswer,
    Question,
    Region,
    StartCell,
    excerpt,
    largest_cell,
    one_cell,
)
from complex_lstm.ui.views.tour.chapters.convolutions import reach
from complex_lstm.ui.views.tour.sheets import FORGET_GATE, FORWARD
from complex_lstm.ui.views.tour.window import TourWindow

FIRST = "BiLSTM 1"
HALF = 0.05  # of the cells: parts that lead in so nearly a half of them are alike
BLOCK = "complex_lstm.model.recurrence:BiLSTMBlock"


def _most_variable(states: Any) -> int:
    """Return the channel with the widest range over time."""
    return int(np.ptp(states[0].cpu().numpy(), axis=0).argmax())


def _reading(window: TourWindow) -> LSTMStates:
    """Return the states of the forward direction of the first LSTM layer in the first block."""
    lstm: Any = window.model.lstm_blocks[0].lstm  # nn.ModuleList forgets the class
    return lstm_states(lstm, window.trace.fused.to(next(lstm.parameters()).device), layer=0, backward=False)


def _ask_other_reader(window: TourWindow) -> Question:
    step, further = window.steps // 4, reach(window)
    seen = (
        ngettext(
            "But the convolutions before it have already mixed in {number} step from either side of each step that it reads.",
            "But the convolutions before it have already mixed in {number} steps from either side of each step that it reads.",
            further,
        )
        if further
        else _("The convolutions before it have mixed in nothing: they are one step wide.")
    )
    return Question(
        ngettext(
            "The block joins both directions at the same step. Of {number} step, how many has the backward direction of "
            "the first LSTM layer read when it is joined at step {step}?",
            "The block joins both directions at the same step. Of {number} steps, how many has the backward direction of "
            "the first LSTM layer read when it is joined at step {step}?",
            window.steps,
            step=step,
        ),
        NumericAnswer(window.steps - step),
        _(
            "It begins at the last step, {last}, and reads back to step {step}, this one included. In the BiLSTM boxes the "
            "lower line marks what it has read.",
            last=window.steps - 1,
            step=step,
        ),
        _(
            "It has read the steps from {last} back to {step}, and the forward direction those from 0 to {step}. {seen} The "
            "second layer reads the output of both directions of the first.",
            last=window.steps - 1,
            step=step,
            seen=seen,
        ),
        Compared(_("steps that the backward direction has read"), np.arange(window.steps, 0.0, -1), answer="level"),
        regions=lambda given: (Region(FIRST, None, columns=(window.steps - given, window.steps - 1)),) if given > 0 else (),
    )


def _cell(window: TourWindow) -> StartCell:
    return StartCell(FIRST, FORGET_GATE, row=_most_variable(_reading(window).cell), column=window.steps // 2)


def _ask_forget(window: TourWindow) -> Question:
    start = _cell(window)
    shares = _reading(window).forget_gate[0, :, start.row].cpu().numpy()
    value = float(shares[start.column])
    return Question(
        _(
            "What share of its cell state does channel {channel} keep at step {step}, from 0 to 1? Judge by the colour of the "
            "marked cell of the forget gate. Answers within a tenth are right.",
            channel=start.row,
            step=start.column,
        ),
        NumericAnswer(value, 0.1),
        _(
            "Purple is 0, white a half, orange 1. The exact share is shown below the picture when the cursor is on the marked cell, "
            "and in the arithmetic as f."
        ),
        _(
            "It is {value:.3f}. At 1 the cell forgets nothing, at 0 everything. The input gate decides independently how much is added: "
            "both can be open.",
            value=value,
        ),
        Compared(_("forget gate of channel {channel}", channel=start.row), shares, answer="level"),
        is_decided=(one_cell(FIRST, FORGET_GATE, start.row, start.column),),
    )


@torch.no_grad()
def _added(window: TourWindow) -> Float32[np.ndarray, "time channel"]:
    """Return what the first block adds to its input, bias included, before LayerNorm."""
    block: Any = window.model.lstm_blocks[0]
    block_input = window.trace.fused.to(next(block.parameters()).device)
    return block.output_proj(block.lstm(block_input)[0])[0].cpu().numpy()


def _share_of_input(window: TourWindow) -> Float32[np.ndarray, "time channel"]:
    """Return how much of both parts' absolute values is the input's, in each cell of the first block: 1 where it adds nothing."""
    block_input, added = np.abs(window.trace.fused[0].numpy()), np.abs(_added(window))
    return block_input / np.maximum(block_input + added, np.finfo(np.float32).tiny)


def _block(window: TourWindow) -> StartCell:
    """Return the cell of the first block in which both parts share as they do in the median cell."""
    shares = _share_of_input(window)
    return largest_cell(FIRST, 0, -np.abs(shares - np.median(shares)))


def _describe_residual(window: TourWindow) -> str:
    shares = _share_of_input(window)
    return _(
        "In {larger:.0%} of the cells of BiLSTM 1 the block's input is larger than what the block adds. In the "
        "marked cell, a usual one, the input is {median:.0%} of both.",
        larger=float((shares > 0.5).mean()),
        median=float(np.median(shares)),
    )


def _ask_residual(window: TourWindow) -> Question:
    larger = float((_share_of_input(window) > 0.5).mean())
    answer = 2 if abs(larger - 0.5) <= HALF else int(larger < 0.5)
    because = (
        _("Most of what comes out came in: where the block adds little, it can be skipped with little loss."),
        _("Most of what comes out is new. The input is still one of the two terms, but it is not what the picture shows."),
        _("Neither part leads: what comes out is as much new as it came in."),
    )[answer]
    options = (
        _("the block's input, in most cells"),
        _("what the block adds, in most cells"),
        _("each in about half (within {half:.0%})", half=HALF),
    )
    return Question(
        _(
            "The block adds to its input and does not replace it. Over all cells of BiLSTM 1, which of the two parts of the sum is larger "
            "by absolute value?"
        ),
        MultipleChoice(options, answer),
        _(
            "In the arithmetic of a cell the line of z adds the projected LSTM output, the bias, and the block's input. Look at a few "
            "cells."
        ),
        _(
            "The input is larger in {larger:.0%} of the cells. {because} What is added may also cancel a part of the input.",
            larger=larger,
            because=because,
        ),
        Compared(
            _("share of the cells in which it is larger"),
            np.array([larger, 1 - larger]),
            (_("the block's input"), _("what the block adds")),
        ),
        is_decided=(Region("Fusion gate", 1), Region(FIRST)),
    )


RECURRENCE = (
    Chapter(
        mark("A BiLSTM reads from both ends"),
        mark(
            "A BiLSTM block reads the mixed stages twice, forwards and backwards. At each step the forward direction of its first LSTM "
            "layer has read all steps up to this one, the backward direction all steps from the end to this one. The second layer reads "
            "both."
        ),
        mark(
            "Move the cursor through time, and watch the two lines in the BiLSTM boxes: the upper one, orange, is what the forward "
            "direction has read, the lower one, magenta, what the backward direction has. They meet at the step where the block joins "
            "them."
        ),
        r"\begin{array}{l} \overrightarrow{h}_t = \mathrm{LSTM}(x_t, \overrightarrow{h}_{t-1}) \\ "
        r"\overleftarrow{h}_t = \mathrm{LSTM}(x_t, \overleftarrow{h}_{t+1}) \end{array}",
        (excerpt(f"{BLOCK}.__init__", "self.lstm ="), excerpt(f"{BLOCK}._read", "self.lstm(h)")),
        lambda window: StartCell(FIRST, FORWARD, row=_most_variable(_reading(window).hidden), column=window.steps // 4),
        _ask_other_reader,
        is_askable=lambda window: window.steps > 1,
    ),
    Chapter(
        mark("The gates of an LSTM cell"),
        mark(
            "Each channel of an LSTM has a cell state and three gates between 0 and 1: how much of the state it keeps (forget gate), how "
            "much of the new value it adds (input gate), and how much it puts out (output gate)."
        ),
        mark(
            "Follow the marked row through the sheets of the gates to “cell state”: where the forget gate is near 0, the state is lost. "
            "Then open “Cell” above the picture, play it, and hold the forget gate at 0: what becomes of cell state and prediction?"
        ),
        r"c_t = f_t\, c_{t-1} + i_t\, g_t,\quad h_t = o_t \tanh(c_t)",
        (
            excerpt(
                "complex_lstm.arithmetic.recurrence:_read",
                "chunk(4",
                "sigmoid()",
                "cell = (",
                "hidden = o",
                note=mark(
                    "The model uses nn.LSTM, which does not return its gates. These lines compute them again from its weights, and "
                    "arrive at the same hidden states."
                ),
            ),
        ),
        _cell,
        _ask_forget,
    ),
    Chapter(
        mark("The residual connection"),
        mark(
            "The output of both directions is projected back to the channels and added to the block's input. LayerNorm then scales the sum."
        ),
        mark(
            "Choose a cell of BiLSTM 1 and find the block's input in the line of z: it is the same cell of the fusion gate's sheet “mixed”."
        ),
        r"l_t = \mathrm{LayerNorm}\big(h_t + W\, [\overrightarrow{h}_t;\, \overleftarrow{h}_t] + b\big)",
        (excerpt(f"{BLOCK}.__init__", "self.output_proj =", "self.layer_norm ="), excerpt(f"{BLOCK}.forward")),
        _block,
        _ask_residual,
        finding=_describe_residual,
        trial=lambda window: SkipBlock(0),
    ),
)
