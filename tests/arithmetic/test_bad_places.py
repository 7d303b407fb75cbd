"""A place that does not exist is refused in one sentence."""

from dataclasses import replace

import pytest

from complex_lstm.errors import ExplanationError, ShapeError
from tests.arithmetic.looked_into import Looked, small

pytestmark = pytest.mark.usefixtures("shapes_unchecked")


@pytest.mark.parametrize(
    ("site", "at", "words"),
    [
        ("Oracle", (0,), "There is no kind of site 'Oracle'. There are Input projection, Positions, "),
        ("Fusion gate", (0, 0, 0), r"The site 'Fusion gate' has 2 axes (step, channel), got 3 indices: (0, 0, 0)."),
        ("Fusion gate", (9, 0), "There is no step of index 9 in the site 'Fusion gate': indices go from 0 (step 0) to 8 (step 8)."),
        (
            "Fusion gate",
            (0, 16),
            "There is no channel of index 16 in the site 'Fusion gate': indices go from 0 (channel 0) to 15 (channel 15).",
        ),
        ("Fusion gate", (-1, 0), "There is no step of index -1"),
        ("Convolution scale", (0, 0, 0, 5), "There is no channel of the scale of index 5"),  # 16 channels are shared out 5, 5, 6
        ("LSTM cell", (0, 2, 0, 0, 0), "indices go from 0 (LSTM layer 1) to 1 (LSTM layer 2)."),
        ("Attention weight", (0, 0, 0, 9), "There is no key step of index 9"),
        ("Combiner", (2,), "indices go from 0 (output 0) to 1 (output 1)."),
    ],
)
def test_a_place_that_does_not_exist(site: str, at: tuple[int, ...], words: str) -> None:
    with pytest.raises(ExplanationError) as refused:
        small().derive(site, *at)

    assert words in str(refused.value)


def test_padding_is_no_place() -> None:
    looked = small(lengths=[9, 4])

    with pytest.raises(
        ExplanationError, match=r"There is no step of index 4 in the site 'Fused': indices go from 0 \(step 0\) to 3 \(step 3\)"
    ):
        looked.derive("Fused", 4, 0, window=1)


def test_a_model_without_attention_has_no_weights_to_work_out() -> None:
    with pytest.raises(
        ExplanationError, match="This model uses no attention layer, so the site 'Attended' has no value. Choose another site."
    ):
        small(num_lstm_layers=1).derive("Attended", 0, 0, 0)


@pytest.mark.parametrize("window", [2, -1])
def test_a_window_that_was_not_traced(window: int) -> None:
    with pytest.raises(ExplanationError, match=f"There is no window {window}; the trace has windows 0 to 1."):
        small(lengths=[9, 4]).derive("Fused", 0, 0, window=window)


def test_a_trace_of_another_window() -> None:
    looked = small()

    with pytest.raises(ShapeError, match=r"x has shape \(1, 8, 4\), the trace is of \(1, 9, 4\). Give the x that was traced."):
        replace(looked, x=looked.x[:, :8]).derive("Fused", 0, 0)


def test_a_model_in_training_mode() -> None:
    looked = small()

    with pytest.raises(ExplanationError, match=r"The model is in training mode, where dropout changes every value. Call model.eval\(\)"):
        Looked(looked.model.train(), looked.trace, looked.x).derive("Fused", 0, 0)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"features": ("a",)}, "There are 1 names of features, the model has 4."),
        ({"outputs": ("a",) * 3}, "There are 3 names of outputs, the model has 2."),
    ],
)
def test_names_that_are_not_one_each(names: dict[str, tuple[str, ...]], words: str) -> None:
    with pytest.raises(ExplanationError, match=words):
        replace(small(), **names).derive("Fused", 0, 0)


def test_fewer_than_no_terms() -> None:
    with pytest.raises(ExplanationError, match="most is -1, expected 0 or more terms of a sum to write out."):
        small().derive("Fused", 0, 0, most=-1)
