"""The right answer to every question of the tour, derived here once more: from torch's own modules, or by hand."""

import copy
import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from complex_lstm.samples import SAMPLES
from complex_lstm.ui.views.tour.chapter import MultipleChoice, NumericAnswer, Question
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.window import TourWindow
from tests.conftest import SAMPLE_DATA
from tests.ui.toured import planted, toured

Derive = Callable[[TourWindow, Question], str | float]


def numbers(question: Question) -> list[int]:
    """The numbers that the question names, in their order."""
    return [int(one) for one in re.findall(r"\d+", question.words)]


def attention(window: TourWindow) -> Tensor:
    """The first layer's weights by the formula, (head, query, key)."""
    layer, h = window.model.attention_layers[0], window.trace.lstm[1][0]
    query, key = (w(h).unflatten(-1, (layer.num_heads, -1)).transpose(0, 1) for w in (layer.w_q, layer.w_k))
    return torch.softmax(query @ key.transpose(1, 2) / query.shape[-1] ** 0.5, dim=-1)


def output_of(window: TourWindow, x: Tensor) -> np.ndarray:
    """The explained output of windows, one pass each."""
    return np.array([float(window.model(one[None])[0, window.target]) for one in x])


def first_feature(window: TourWindow, question: Question) -> str:
    file = SAMPLE_DATA / f"{window.scene.keys[0]}_cells.csv"
    cells = pd.read_csv(file) if file.exists() else pd.DataFrame({"series_id": [], "feature": [], "step": []})
    begins = cells[cells["series_id"] == f"s{window.scene.number:04d}"].groupby("feature")["step"].min()
    if len(begins) < 2:
        return window.features[int(window.x[0].max(dim=0).values.argmax())]
    first = begins.index[begins == begins.min()]
    return str(first[0]) if len(first) == 1 else "several start together"


def largest_product(window: TourWindow, question: Question) -> str:
    channel, step = numbers(question)
    return window.features[int((window.model.input_proj[0].weight[channel] * window.x[0, step]).abs().argmax())]


def zeros(window: TourWindow, question: Question) -> float:
    linear, norm = window.model.input_proj[0], window.model.input_proj[1]
    normed = functional.layer_norm(functional.linear(window.x, linear.weight, linear.bias), norm.normalized_shape, norm.weight, norm.bias)
    return 100 * float((normed <= 0).float().mean())


def fastest(window: TourWindow, question: Question) -> str:
    turned = [1 / 10000 ** (2 * pair / window.channels) for pair in (0, window.channels // 2 - 1)]  # in one step
    return "the first channels" if turned[0] > turned[1] else "the last channels"


def strongest_kernel(window: TourWindow, question: Question) -> str:
    across = window.trace.encoded.transpose(1, 2)
    means = [float(conv(across).mean()) for conv in window.model.temp_conv1.convs]
    return f"kernel {window.model.config.kernels[0][int(np.argmax(means))]}"


def steps_reached(window: TourWindow, question: Question) -> float:
    """Counted: the steps from which a gradient comes."""
    with torch.enable_grad():
        h = torch.randn(1, 99, window.channels, generator=torch.Generator().manual_seed(0), requires_grad=True)
        window.model.temp_conv2(window.model.temp_conv1(h))[0, 49].square().sum().backward()
    assert h.grad is not None
    return float((h.grad[0].abs().sum(dim=1) > 0).sum())


def stage_taken(window: TourWindow, question: Question) -> str:
    linear = window.model.fusion_gate[0]
    mean = float(torch.sigmoid(linear(torch.cat([window.trace.conv1, window.trace.conv2], dim=-1))).mean())
    return "both alike" if 0.48 < mean < 0.52 else "stage 1" if mean > 0.5 else "stage 2"


def forget_gate(window: TourWindow, question: Question) -> float:
    """An LSTM cell in a loop: torch's weights hold the input, forget, candidate and output gate in this order."""
    channel, step, *_ = numbers(question)
    lstm, width = window.model.lstm_blocks[0].lstm, window.channels
    hidden = cell = torch.zeros(width)
    for x in window.trace.fused[0, : step + 1]:
        total = lstm.weight_ih_l0 @ x + lstm.bias_ih_l0 + lstm.weight_hh_l0 @ hidden + lstm.bias_hh_l0
        i, f, o = (torch.sigmoid(total[gate * width : (gate + 1) * width]) for gate in (0, 1, 3))
        cell = f * cell + i * torch.tanh(total[2 * width : 3 * width])
        hidden = o * torch.tanh(cell)
    return float(f[channel])


def larger_part(window: TourWindow, question: Question) -> str:
    block, h = window.model.lstm_blocks[0], window.trace.fused[0]
    both = torch.cat([block.lstm(h)[0], torch.ones(len(h), 1)], dim=1)
    added = both @ torch.cat([block.output_proj.weight, block.output_proj.bias[:, None]], dim=1).T
    share = float((h.square() > added.square()).float().mean())
    if 0.45 <= share <= 0.55:
        return "each in about half (within 5%)"
    return "the block's input, in most cells" if share > 0.5 else "what the block adds, in most cells"


def brightest(window: TourWindow, question: Question) -> float:
    query, head, _ = (*numbers(question), 0)
    return float(attention(window)[head - 1, query].argmax())


def most_even(window: TourWindow, question: Question) -> str:
    return f"attention head {int(attention(window).amax(dim=(1, 2)).argmin()) + 1}"


def when_largest(window: TourWindow, question: Question) -> float:
    return float(window.trace.attended[-1][0, :, numbers(question)[0]].argmax())


def furthest_head(window: TourWindow, question: Question) -> str:
    pooled = torch.cat([window.trace.pooled_mean, window.trace.pooled_max, window.trace.pooled_last], dim=-1)
    said = [float(head(pooled)[0, window.target]) for head in window.model.output_heads]
    away = [abs(one - (sum(said) - one) / 2) for one in said]
    return f"ensemble head {int(np.argmax(away)) + 1}"


def prediction(window: TourWindow, question: Question) -> str | float:
    outputs = window.model(window.x)[0]
    if window.scene.is_classes:
        return window.outputs[int(outputs.argmax())]
    pooled = torch.cat([window.trace.pooled_mean, window.trace.pooled_max, window.trace.pooled_last], dim=-1)
    below = sum(float(head(pooled)[0, window.target]) <= float(outputs[window.target]) for head in window.model.output_heads)
    return {0: "below all three", 3: "above all three"}.get(below, "between them")


def human_terms(window: TourWindow, question: Question) -> str:
    outputs, target = window.model(window.x)[0].double(), window.target
    if window.scene.is_classes:
        probability = float(outputs[target].exp() / outputs.exp().sum())
        bounds = ((0.5, "below 50%"), (0.9, "50% to 90%"), (0.99, "90% to 99%"))
        return next((words for bound, words in bounds if probability < bound), "above 99%")
    dataset = window.scene.dataset
    change = float(outputs[target]) * dataset.scaling.target_std[target] + dataset.scaling.target_mean[target]
    assert dataset.window.as_change
    return "a higher value" if change > 0 else "a lower value"


def needless_head(window: TourWindow, question: Question) -> str:
    """A copy in which nothing of the head's channels is projected back."""
    moved = {}
    assert isinstance(question.answer, MultipleChoice)
    for option in question.answer.options:
        layer, head = (int(one) - 1 for one in re.findall(r"\d+", option))
        model = copy.deepcopy(window.model)
        width = window.channels // window.model.config.num_heads
        model.attention_layers[layer].w_o.weight[:, head * width : (head + 1) * width] = 0
        moved[option] = float((model(window.x) - window.model(window.x)).abs().max())
    return min(moved, key=moved.__getitem__)


def together_or_alone(window: TourWindow, question: Question) -> str:
    first, last, *_ = numbers(question)
    removed = window.x.repeat(last - first + 2, 1, 1)
    removed[0, first : last + 1] = 0  # the training mean
    for row, step in enumerate(range(first, last + 1), 1):
        removed[row, step] = 0
    together, *alone = output_of(window, window.x) - output_of(window, removed)
    larger = max(abs(together), abs(sum(alone)))
    if abs(abs(together) - abs(sum(alone))) <= 0.1 * larger:
        return "both the same"
    return "all together" if abs(together) == larger else "one at a time, added up"


def leader_by_zero(window: TourWindow, question: Question) -> str:
    scaling, removed = window.scene.dataset.scaling, window.x.repeat(len(window.features), 1, 1)
    for feature in range(len(window.features)):
        removed[feature, :, feature] = -scaling.feature_mean[feature] / scaling.feature_std[feature]
    return window.features[int(np.abs(output_of(window, window.x) - output_of(window, removed)).argmax())]


DERIVED: dict[str, Derive] = {
    "The window": first_feature,
    "Features become channels": largest_product,
    "What passes the ReLU": zeros,
    "Which step is this?": fastest,
    "Three convolutions at once": strongest_kernel,
    "The second stage sees further": steps_reached,
    "A gate mixes both stages": stage_taken,
    "A BiLSTM reads from both ends": lambda window, question: float(len(range(window.steps)[numbers(question)[1] :])),
    "The gates of an LSTM cell": forget_gate,
    "The residual connection": larger_part,
    "One row of attention": brightest,
    "The output of all heads": most_even,
    "The same again, deeper": lambda window, question: float(sum(block.lstm.num_layers for block in window.model.lstm_blocks)),
    "From all steps to one vector": when_largest,
    "Three ensemble heads that disagree": furthest_head,
    "Combiner, scale, prediction": prediction,
    "What the prediction means": human_terms,
    "Failure: an attention head that is not needed?": needless_head,
    "Failure: one step at a time": together_or_alone,
    "Failure: zero does not mean absent": leader_by_zero,
}


def assert_question_is_right(window: TourWindow, number: int) -> None:
    """See that the page's answer is the one derived here, and that the values behind the question say the same."""
    chapter = CHAPTERS[number - 1]
    if not chapter.fits(window) or not chapter.is_askable(window):
        return
    question = chapter.question(window)
    right, answer, compared = DERIVED[chapter.title](window, question), question.answer, question.compared
    if isinstance(answer, MultipleChoice):
        assert [option for at, option in enumerate(answer.options) if answer.accepts(at)] == [right]
    else:
        assert isinstance(answer, NumericAnswer) and isinstance(right, float)
        assert answer.right == pytest.approx(right, rel=1e-4, abs=1e-4) and answer.accepts(right)
        assert not answer.accepts(right + 1.01 * answer.tolerance + 0.01) and answer.tolerance <= max(10, 0.02 * abs(right))
    if compared.answer == "place" and answer.right < len(compared.values):
        assert compared.values[int(answer.right)] in (compared.values.min(), compared.values.max())
    if compared.answer == "level":
        assert compared.values.min() - 1e-6 <= answer.right <= compared.values.max() + 1e-6


@pytest.mark.parametrize("number", range(1, len(CHAPTERS) + 1))
@torch.no_grad()
def test_the_right_answer_of_every_page_is_the_one_that_is_derived_here(number: int) -> None:
    assert_question_is_right(planted(), number)


@pytest.mark.long
@pytest.mark.parametrize("sample", SAMPLES)
@torch.no_grad()
def test_so_it_is_on_three_windows_of_each_sample(sample: str) -> None:
    """The first window, the last, and one in the middle."""
    count = len(toured(sample).scene.dataset.windows)
    for window in (0, count // 2, count - 1):
        for number in range(1, len(CHAPTERS) + 1):
            assert_question_is_right(toured(sample, window), number)


def test_every_page_is_derived() -> None:
    assert [chapter.title for chapter in CHAPTERS] == list(DERIVED)
