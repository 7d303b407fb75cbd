"""Pages 5 to 7: the two convolution stages, and the gate between them."""

from __future__ import annotations

import numpy as np

from complex_lstm.config import kernel_names
from complex_lstm.ui.views.tour.arithmetic import excerpt
from complex_lstm.ui.views.tour.chapter import Chapter, Choice, Look, Number, Question, counted, largest
from complex_lstm.ui.views.tour.window import TourWindow

ALIKE = 0.02  # a mean gate this near to one half prefers neither stage
STAGE = "complex_lstm.model.convolution:TemporalConvBlock"


def reach(window: TourWindow) -> int:
    """Return how many steps on either side of its own a cell of stage 2 has seen."""
    return sum(max(kernels) // 2 for kernels in window.model.config.kernels)


def _say_widths(window: TourWindow) -> str:
    *some, last = map(str, window.model.config.kernels[0])
    claim = f"Three convolutions look at each step's neighbourhood side by side: they are {', '.join(some)} and {last} steps wide."
    widest = max(window.model.config.kernels[0])
    return f"{claim} They are the first place where steps meet." if widest > 1 else f"{claim} So here steps do not meet yet."


def _strongest_response(window: TourWindow) -> Look:
    scale = _means(window).argmax()
    values = window.trace.conv1_scales[int(scale)][0].numpy()
    step, channel = np.unravel_index(int(values.argmax()), values.shape)
    return Look("Convolution 1", 1 + int(scale), int(channel), int(step))


def _means(window: TourWindow) -> np.ndarray:
    return np.array([float(scale.mean()) for scale in window.trace.conv1_scales])


def _ask_kernel(window: TourWindow) -> Question:
    return Question(
        "Which kernel responds most strongly here, on average over its channels and all steps?",
        largest(kernel_names(window.model.config.kernels[0]), _means(window)),
        "Choose the sheets of the kernels one after the other: the line below the picture gives each one's mean.",
        "Each kernel has channels and weights of its own, and their size is in its responses too. So the strongest response does not say "
        "that the pattern needs this width: on the Bench one can see what is lost without it.",
    )


def _say_reach(window: TourWindow) -> str:
    if max(window.model.config.kernels[0]) == 1:
        return "Stage 2 reads what stage 1 has made. Here stage 1 sees one step at a time, so stage 2 sees no further than its own kernels."
    return "Stage 2 reads what stage 1 has made, so that each of its cells looks further than its own kernels reach."


def _second_stage(window: TourWindow) -> Look:
    values = np.abs(window.trace.conv2[0].numpy())
    step, channel = np.unravel_index(int(values.argmax()), values.shape)
    return Look("Convolution 2", 0, int(channel), int(step))


def _ask_reach(window: TourWindow) -> Question:
    first, second = (max(kernels) for kernels in window.model.config.kernels)
    return Question(
        "How many steps of a long window can reach one cell of stage 2 in its middle?",
        Number(2 * reach(window) + 1),
        f"The widest kernel of stage 2 reads {counted(second, 'step')} of stage 1, and the widest of stage 1 reads {first} for each of "
        "these. They overlap: only the outer ones add steps.",
        f"{counted(second, 'neighbouring cell')} of stage 1, which see {first // 2} more on either side: {second} + 2 x {first // 2}.",
    )


def _clearest_gate(window: TourWindow) -> Look:
    away = np.abs(window.trace.gate[0].numpy() - 0.5)
    step, channel = np.unravel_index(int(away.argmax()), away.shape)
    return Look("Fusion gate", 0, int(channel), int(step))


def _ask_stage(window: TourWindow) -> Question:
    mean = float(window.trace.gate.mean())
    right = 2 if abs(mean - 0.5) < ALIKE else int(mean < 0.5)
    return Question(
        f"Over the whole picture, which stage does the gate take more from? A mean within {ALIKE} of one half counts as alike.",
        Choice(("stage 1", "stage 2", "both alike"), right),
        "Orange is near 1 and takes stage 1, purple is near 0 and takes stage 2. The line below the picture gives the mean.",
        f"Its mean is {mean:.3f}. That the gate takes more of a stage does not make the stage more important: a channel may carry little.",
    )


CONVOLUTIONS = (
    Chapter(
        "Three convolutions at once",
        _say_widths,
        "Open the sheets of the three kernels and compare: does one answer to narrow events, and another to slow ones?",
        r"r_{t,c} = \mathrm{ReLU}\Big(\mathrm{BatchNorm}\big(\textstyle\sum_{k} \sum_{j} W_{c,j,k}\, e_{t+k,j} + b_c\big)\Big)",
        (excerpt(f"{STAGE}.__init__", "self.convs ="), excerpt(f"{STAGE}.forward", "across =", "scales =")),
        _strongest_response,
        _ask_kernel,
    ),
    Chapter(
        "A second look is a wider one",
        _say_reach,
        "Compare the thumbnails of both stages, then choose a cell near an edge in a kernel's sheet: beyond the window's end the "
        "convolution reads zeros.",
        r"s_{t,c} = \mathrm{LayerNorm}\big(h_t + W\, [r^{(1)}_t;\, r^{(2)}_t;\, r^{(3)}_t] + b\big)_c",
        (excerpt(f"{STAGE}.__init__", "self.output_proj =", "self.layer_norm ="), excerpt(f"{STAGE}.forward", "scales =", "return")),
        _second_stage,
        _ask_reach,
    ),
    Chapter(
        "A gate mixes both stages",
        "For each channel at each step a gate between 0 and 1 says how much of stage 1 goes on; the rest comes from stage 2.",
        "Choose the sheet “mixed” and a cell of it: its arithmetic shows both stages and their shares.",
        r"\begin{array}{l} g = \sigma\big(W [s^{(1)};\, s^{(2)}] + b\big) \\ "
        r"f_{t,c} = g_{t,c}\, s^{(1)}_{t,c} + (1 - g_{t,c})\, s^{(2)}_{t,c} \end{array}",
        (
            excerpt("complex_lstm.model.network:ComplexLSTMModel.__init__", "self.fusion_gate ="),
            excerpt("complex_lstm.model.network:ComplexLSTMModel.forward", "conv1"),
        ),
        _clearest_gate,
        _ask_stage,
    ),
)
