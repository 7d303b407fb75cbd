import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from complex_lstm.errors import ExplanationError, Stopped
from complex_lstm.interpretation import ForwardFunction, attention_rollout, summarise_heads
from complex_lstm.interpretation.attention import rollout_received
from complex_lstm.interpretation.forward import IntervenedModel
from complex_lstm.model.interventions import SilenceHead
from tests.interpretation.toys import CPU, Linear, forward_func_of, request_of
from tests.model.lively import random_windows, small_model


def test_two_layers_by_hand() -> None:
    first, second = [[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [1.0, 0.0]]

    reached = attention_rollout(np.array([[first], [second]]))

    # half of each step stays: [[1, 0], [1/4, 3/4]], then [[1/2, 1/2], [1/2, 1/2]] times it
    assert reached.tolist() == [[0.625, 0.375], [0.625, 0.375]]


def test_heads_are_averaged() -> None:
    left, right = [[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]

    assert attention_rollout(np.array([[left, right]])).tolist() == [[0.75, 0.25], [0.25, 0.75]]


def test_without_layers_every_step_is_itself() -> None:
    assert attention_rollout(np.zeros((0, 4, 3, 3))).tolist() == np.eye(3).tolist()


@given(st.integers(1, 3), st.integers(1, 6), st.integers(0, 9))
def test_rows_stay_shares(layers: int, time: int, seed: int) -> None:
    attention = np.random.default_rng(seed).dirichlet(np.ones(time), size=(layers, 2, time))

    assert np.allclose(attention_rollout(attention).sum(axis=1), 1)


def test_uniform_attention_is_as_spread_as_can_be() -> None:
    found = summarise_heads(np.full((1, 2, 4, 4), 0.25))

    assert found.entropy == pytest.approx(np.ones((1, 2)))
    assert found.diagonal == pytest.approx(np.full((1, 2), 1 / 4))
    assert found.distance == pytest.approx(np.full((1, 2), 20 / 16))  # |i - j| summed over 4 x 4 is 20


def test_attention_on_the_step_itself_has_no_spread_and_no_distance() -> None:
    found = summarise_heads(np.eye(4)[None, None])

    assert found.entropy.item() == 0 and found.distance.item() == 0 and found.diagonal.item() == 1


def test_attention_on_the_step_before_is_one_step_away() -> None:
    attention = np.eye(4, k=-1)
    attention[0, 0] = 1  # the first step has none before it

    found = summarise_heads(attention[None, None])

    assert (found.entropy.item(), found.distance.item(), found.diagonal.item()) == (0, 3 / 4, 1 / 4)


def test_one_step_has_no_entropy_to_share_out() -> None:
    found = summarise_heads(np.ones((2, 3, 1, 1), dtype=np.float32))

    assert not found.entropy.any() and not found.distance.any() and (found.diagonal == 1).all()


def test_each_step_has_what_it_sends_on_whatever_the_question() -> None:
    model, x = small_model(), random_windows(6, 4)
    attention = model.trace(x[None]).attention[0].numpy()

    found = rollout_received(forward_func_of(model, x.tolist()))
    another = rollout_received(forward_func_of(model, x.tolist(), output=1, baseline=7.0, unit=3.0))

    received = attention_rollout(attention).mean(axis=0)  # over the queries
    assert found.cells == pytest.approx(np.repeat(received[:, None] / 4, 4, axis=1))
    assert found.cells.sum() == pytest.approx(1) and found.effort == "2 layers of 4 heads"
    assert np.array_equal(found.cells, another.cells)


def test_one_window_goes_through_the_model() -> None:
    forward_func = forward_func_of(small_model(), random_windows(6, 4).tolist())

    rollout_received(forward_func)

    assert forward_func.evaluations == 1


def test_who_wants_to_stop_is_heard() -> None:
    """Rollout asks the model for its trace and not for an output, and went on."""
    request = request_of(random_windows(6, 4).tolist())

    with pytest.raises(Stopped):
        rollout_received(ForwardFunction(small_model(), request, CPU, stop=lambda: True))


@pytest.mark.parametrize("model", [small_model(num_lstm_layers=1), Linear([[1.0] * 4])])
def test_a_model_without_attention_has_no_rollout(model: nn.Module) -> None:
    words = "Attention rollout needs a model with an attention layer in use: two BiLSTM blocks or more."

    with pytest.raises(ExplanationError, match=words):
        rollout_received(forward_func_of(model, [[1.0, 1.0, 1.0, 1.0]]))


def test_rollout_of_a_model_under_interventions_is_that_of_its_trace_under_them() -> None:
    """It was once refused: a model under interventions was taken for one without attention."""
    model, x, off = small_model(), random_windows(6, 4), SilenceHead(0, 1)

    found = rollout_received(forward_func_of(IntervenedModel(model, [off]), x.tolist()))

    expected = attention_rollout(model.trace(x[None], interventions=(off,)).attention[0].numpy()).mean(axis=0)
    assert found.cells.sum(axis=1) == pytest.approx(expected)
    assert not np.allclose(expected, attention_rollout(model.trace(x[None]).attention[0].numpy()).mean(axis=0))
