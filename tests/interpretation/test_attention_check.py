import numpy as np
import pytest
import torch

from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation import ForwardFunction
from complex_lstm.interpretation.attention import check_attention, uniform_attention
from tests.interpretation.answers import answer
from tests.interpretation.toys import CPU, request_of
from tests.model.lively import random_windows, remembered, small_model

X = random_windows(1, 5, 4)


def test_in_the_copy_every_step_attends_to_every_step_alike() -> None:
    attention = uniform_attention(small_model()).trace(random_windows(3, 8, 4)).attention

    assert attention.shape == (3, 2, 4, 8, 8) and (attention == 1 / 8).all()


def test_in_the_copy_padding_gets_no_weight() -> None:
    attention = uniform_attention(small_model()).trace(random_windows(2, 8, 4), [8, 4]).attention

    assert (attention[0] == 1 / 8).all()
    assert (attention[1, :, :, :4, :4] == 1 / 4).all() and (attention[1, :, :, :, 4:] == 0).all()


@torch.no_grad()
def test_the_fused_kernel_attends_alike_as_well() -> None:
    levelled = uniform_attention(small_model())

    assert torch.allclose(levelled(X), levelled.trace(X).prediction, atol=1e-6)
    assert not torch.allclose(levelled(X), small_model()(X), atol=1e-3)


def test_the_model_itself_keeps_its_attention() -> None:
    model = small_model()
    before = remembered(model)

    uniform_attention(model)

    assert remembered(model) == before


@torch.no_grad()
def test_the_outputs_are_the_models_and_the_copys_in_the_unit_asked_for() -> None:
    model = small_model()

    found = check_attention(ForwardFunction(model, request_of(X[0].tolist(), output=1, unit=3.0), CPU), ())

    assert found.intact == pytest.approx(3 * float(model(X)[0, 1]), rel=1e-5)
    assert found.uniform == pytest.approx(3 * float(uniform_attention(model)(X)[0, 1]), rel=1e-5)
    assert found.likeness.tolist() == []


def test_received_attention_is_averaged_over_layers_heads_and_queries() -> None:
    model = small_model()

    received = check_attention(ForwardFunction(model, request_of(X[0].tolist()), CPU), ()).received

    assert received == pytest.approx(model.trace(X).attention[0].mean(dim=(0, 1, 2)).numpy()) and received.sum() == pytest.approx(1)


def test_likeness_is_the_rank_correlation_with_each_explanations_steps() -> None:
    forward_func = ForwardFunction(small_model(), request_of(X[0].tolist()), CPU)
    received = check_attention(forward_func, ()).received
    same = np.outer(received, [1.0, 0, 0, -1])  # only sizes count
    opposite, blank = np.outer(1 - received, [1.0, 1, 1, 1]), np.ones((5, 4))

    found = check_attention(forward_func, (answer(same), answer(opposite), answer(blank)))

    assert found.likeness == pytest.approx([1, -1, np.nan], nan_ok=True)


def test_a_model_whose_attention_is_uniform_already_loses_nothing() -> None:
    forward_func = ForwardFunction(uniform_attention(small_model()), request_of(X[0].tolist()), CPU)

    found = check_attention(forward_func, (answer(X[0].tolist()),))

    assert found.uniform == found.intact and found.received == pytest.approx(np.full(5, 1 / 5))


def test_a_model_without_attention_in_use_says_so() -> None:
    forward_func = ForwardFunction(small_model(num_lstm_layers=1), request_of(X[0].tolist()), CPU)

    with pytest.raises(ExplanationError, match="two BiLSTM blocks or more"):
        check_attention(forward_func, ())
