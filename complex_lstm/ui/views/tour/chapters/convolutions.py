"""Pages 5 to 7: the two convolution stages, and the gate between them."""

from __future__ import annotations

import numpy as np

from complex_lstm.config import kernel_names
from complex_lstm.languages import _, mark, ngettext
from complex_lstm.model.interventions import ForceGate, SilenceScale
from complex_lstm.ui.views.tour.chapter import (
    Chapter,
    Compared,
    MultipleChoice,
    NumericAnswer,
    Question,
    Region,
    StartCell,
    excerpt,
    largest,
    largest_cell,
)
from complex_lstm.ui.views.tour.window import TourWindow

ALIKE = 0.02  # a mean gate this close to one half prefers neither stage
STAGE = "complex_lstm.model.convolution:TemporalConvBlock"


def reach(window: TourWindow) -> int:
    """Return how many steps on either side reach a cell of stage 2."""
    return sum(max(kernels) // 2 for kernels in window.model.config.kernels)


def _describe_widths(window: TourWindow) -> str:
    *some, last = map(str, window.model.config.kernels[0])
    claim = _(
        "Three parallel convolutions read the neighbourhood of each step: they are {some} and {last} steps wide.",
        some=", ".join(some),
        last=last,
    )
    is_wide = max(window.model.config.kernels[0]) > 1
    combined = _("This is the first place where steps are combined.") if is_wide else _("So steps are not combined yet.")
    return f"{claim} {combined}"


def _strongest_cell(window: TourWindow) -> StartCell:
    return largest_cell("Convolution 1", 0, window.trace.conv1[0].abs().numpy())


def _means(window: TourWindow) -> np.ndarray:
    return np.array([float(scale.mean()) for scale in window.trace.conv1_scales])


def _ask_kernel(window: TourWindow) -> Question:
    return Question(
        _("Which kernel responds most strongly here, on average over its channels and all steps?"),
        largest(kernel_names(window.model.config.kernels[0]), _means(window)),
        _("Choose the sheets of the kernels one after the other: the line below the picture gives the mean of each."),
        _(
            "Each kernel has its own channels and weights, and its responses also depend on the size of its weights. So the strongest "
            "response does not show that the pattern needs this width: what is lost without it does."
        ),
        Compared(_("mean response"), _means(window), kernel_names(window.model.config.kernels[0])),
        lambda cell: cell.sheet - 1 if cell.box == "Convolution 1" and cell.sheet else None,
        lambda given: (Region("Convolution 1", given + 1),),
    )


def _describe_reach(window: TourWindow) -> str:
    if max(window.model.config.kernels[0]) == 1:
        return _(
            "Stage 2 reads the output of stage 1. Here stage 1 sees one step at a time, so stage 2 sees no further than its own kernels."
        )
    return _("Stage 2 reads the output of stage 1, so each of its cells sees further than its own kernels reach.")


def _ask_reach(window: TourWindow) -> Question:
    first, second = (max(kernels) for kernels in window.model.config.kernels)
    return Question(
        _("In a long window, how many steps can influence one cell of stage 2 in the middle (its receptive field)?"),
        NumericAnswer(2 * reach(window) + 1),
        ngettext(
            "The widest kernel of stage 2 reads {number} step of stage 1, and the widest of stage 1 reads {first} for each of "
            "these. They overlap, so only the outermost add steps.",
            "The widest kernel of stage 2 reads {number} steps of stage 1, and the widest of stage 1 reads {first} for each of "
            "these. They overlap, so only the outermost add steps.",
            second,
            first=first,
        ),
        ngettext(
            "{number} neighbouring cell of stage 1, which see {further} more on either side: {number} + 2 x {further}.",
            "{number} neighbouring cells of stage 1, which see {further} more on either side: {number} + 2 x {further}.",
            second,
            further=first // 2,
        ),
        Compared(
            _("steps that it reads"),
            np.array([first, second, 2 * reach(window) + 1], dtype=float),
            (_("widest kernel of stage 1"), _("widest kernel of stage 2"), _("stage 2 through stage 1")),
            "level",
        ),
        regions=lambda given: _field(window, given),
    )


def _field(window: TourWindow, width: int) -> tuple[Region, ...]:
    """Return so many steps around the middle of the window, as far as it has them."""
    middle, half = window.steps // 2, (width - 1) // 2
    return (Region("Convolution 2", None, columns=(middle - half, middle + half)),) if width > 0 else ()


def _ask_stage(window: TourWindow) -> Question:
    mean = float(window.trace.gate.mean())
    right = 2 if abs(mean - 0.5) < ALIKE else int(mean < 0.5)
    return Question(
        _(
            "Over the whole picture, which stage does the gate take more from? A mean within {alike:.2g} of one half counts as both alike.",
            alike=ALIKE,
        ),
        MultipleChoice((_("stage 1"), _("stage 2"), _("both alike")), right),
        _("Orange is near 1 and takes stage 1, purple is near 0 and takes stage 2. The line below the picture gives the mean."),
        _(
            "Its mean is {mean:.3f}. A larger share does not make a stage more important: its channels may carry little.",
            mean=mean,
        ),
        Compared(_("mean share in the mixture"), np.array([mean, 1 - mean]), (_("stage 1"), _("stage 2"))),
        regions=lambda given: tuple(Region(f"Convolution {stage}") for stage in ((1,), (2,), (1, 2))[given]),
    )


CONVOLUTIONS = (
    Chapter(
        mark("Three convolutions at once"),
        _describe_widths,
        mark("Open the sheets of the three kernels and compare them: which kernel responds to short events, which to slow changes?"),
        r"r_{t,c} = \mathrm{ReLU}\Big(\mathrm{BatchNorm}\big(\textstyle\sum_{k} \sum_{j} W_{c,j,k}\, e_{t+k,j} + b_c\big)\Big)",
        (excerpt(f"{STAGE}.__init__", "self.convs ="), excerpt(f"{STAGE}.forward", "across =", "scales =")),
        _strongest_cell,
        _ask_kernel,
        trial=lambda window: SilenceScale(1, int(_means(window).argmax())),
    ),
    Chapter(
        mark("The second stage sees further"),
        _describe_reach,
        mark(
            "Compare the thumbnails of both stages, then choose a cell near the edge in a kernel's sheet: beyond the end of the window the "
            "convolution reads zeros."
        ),
        r"s_{t,c} = \mathrm{LayerNorm}\big(h_t + W\, [r^{(1)}_t;\, r^{(2)}_t;\, r^{(3)}_t] + b\big)_c",
        (excerpt(f"{STAGE}.__init__", "self.output_proj =", "self.layer_norm ="), excerpt(f"{STAGE}.forward", "scales =", "return")),
        lambda window: largest_cell("Convolution 2", 0, window.trace.conv2[0].abs().numpy()),
        _ask_reach,
    ),
    Chapter(
        mark("A gate mixes both stages"),
        mark("For each channel at each step a gate between 0 and 1 is the share of stage 1 in the mixture; the rest comes from stage 2."),
        mark("Choose the sheet “mixed” and a cell of it: its arithmetic shows both stages and their shares."),
        r"\begin{array}{l} g = \sigma\big(W [s^{(1)};\, s^{(2)}] + b\big) \\ "
        r"f_{t,c} = g_{t,c}\, s^{(1)}_{t,c} + (1 - g_{t,c})\, s^{(2)}_{t,c} \end{array}",
        (
            excerpt("complex_lstm.model.network:ComplexLSTMModel.__init__", "self.fusion_gate ="),
            excerpt("complex_lstm.model.network:ComplexLSTMModel.forward", "conv1"),
        ),
        lambda window: largest_cell("Fusion gate", 0, (window.trace.gate[0] - 0.5).abs().numpy()),
        _ask_stage,
        trial=lambda window: ForceGate(0.5),
    ),
)
