"""Beside each formula stand the lines of the model that compute it, with everything that the formula has."""

import pytest

from complex_lstm.ui.views.tour.chapter import Excerpt, excerpt
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from tests.ui.toured import planted, toured

IN_CODE = {  # page: what the formula has, as our code calls it
    1: ("feature_mean", "feature_std"),
    2: ("nn.Linear(input_dim", "self.input_proj(x)"),
    3: ("nn.LayerNorm", "nn.ReLU"),
    4: ("torch.sin", "torch.cos", "10000.0", "h + self.table"),
    5: ("nn.Conv1d", "nn.BatchNorm1d", "nn.ReLU"),
    6: ("self.layer_norm(h + self.output_proj(torch.cat(scales",),
    7: ("nn.Sigmoid", "gate * conv1 + (1 - gate) * conv2"),
    8: ("nn.LSTM", "bidirectional=True", "self.lstm(h)"),
    9: ("f * cell + i * g", "o * cell.tanh()", "sigmoid()"),
    10: ("self.layer_norm(h + self.output_proj(",),
    11: ("query @ key.transpose", "math.sqrt", "torch.softmax"),
    12: ("@ value", "self.w_o", "h + attention(h, mask, run)"),
    13: ("self.lstm_blocks", "block(h, mask)", "attention(h, mask, run)"),
    14: ("self.global_pool", "h.mean(dim=1)", "amax(dim=1)", "h[:, -1]", "torch.cat"),
    15: ("nn.Linear(3 * hidden_dim, hidden_dim)", "nn.ReLU"),
    16: ("nn.Linear(ensemble_heads * output_dim", "nn.ReLU", "* self.gradient_scale"),
    17: ("np.exp(logits - logits.max", "powers / powers.sum"),
    18: ("SilenceHead(layer, head)", "(without - intact).abs().max()"),
    19: ("attention.mean(dim=(0, 1, 2))", "intact - np.concatenate(without)", "forward_func.without(", "starts = (steps - length // 2)"),
    20: ("feature_mean", "intact - np.array(without)"),
}


@pytest.mark.parametrize("number", IN_CODE)
def test_what_stands_in_the_formula_stands_in_the_code(number: int) -> None:
    code = "\n".join(one.code for one in CHAPTERS[number - 1].excerpts_of(planted()))

    assert [name for name in IN_CODE[number] if name not in code] == []


def test_every_page_is_compared() -> None:
    assert list(IN_CODE) == list(range(1, len(CHAPTERS) + 1))


def test_code_that_the_model_never_calls_says_so() -> None:
    """Pages 2 and 3 showed what writes the digits of the arithmetic."""
    for window in (planted(), toured("nyc_weather")):
        aside = [one for chapter in CHAPTERS for one in chapter.excerpts_of(window) if "arithmetic" in one.source]
        assert len(aside) == 1 and "nn.LSTM" in aside[0].note


def test_an_excerpt_is_the_statements_that_contain_a_text_whole_and_in_their_order() -> None:
    shown = excerpt("complex_lstm.model.convolution:TemporalConvBlock.__init__", "self.layer_norm =", "widths =")

    assert shown.code.splitlines()[0] == "widths = [share] * (len(kernels) - 1) + [hidden_dim - share * (len(kernels) - 1)]"
    assert shown.code.splitlines()[-1] == "self.layer_norm = nn.LayerNorm(hidden_dim)" and len(shown.code.splitlines()) == 2
    several = excerpt("complex_lstm.model.convolution:TemporalConvBlock.__init__", "self.convs =").code
    assert several.startswith("self.convs = nn.ModuleList(") and several.endswith("\n)") and "BatchNorm1d" in several
    assert Excerpt("complex_lstm.model.ensemble:last_step").code.startswith("def last_step(")
