"""Feature importance equals the architecture document's loop, at any batch size."""

import pytest
import torch
from torch import Tensor, nn

from complex_lstm import ComplexLSTMModel
from complex_lstm.model import batching
from complex_lstm.model.batching import ablated_outputs
from tests.model.lively import random_windows, small_model


def documents_loop(model: nn.Module, x: Tensor, lengths: list[int] | None = None) -> Tensor:
    baseline, found = model(x, lengths), []
    for feature in range(x.shape[2]):
        changed = x.clone()
        changed[:, :, feature] = 0
        found.append((model(changed, lengths) - baseline).abs().mean())
    return torch.stack(found)


@pytest.mark.parametrize("batch", [1, 3, 40, 70])
@torch.no_grad()
def test_feature_importance_is_the_documents_loop(batch: int) -> None:
    model, x = small_model().double(), random_windows(batch, 10, 4).double()  # so that rounding hides nothing

    importance = model.get_feature_importance(x)

    assert torch.allclose(torch.tensor(importance, dtype=x.dtype), documents_loop(model, x), rtol=0, atol=1e-12)


@torch.no_grad()
def test_the_default_model_agrees_with_the_loop_in_single_precision() -> None:
    model, x = ComplexLSTMModel().eval(), random_windows(1, 50, 9)

    importance = model.get_feature_importance(x)

    assert torch.allclose(torch.tensor(importance, dtype=x.dtype), documents_loop(model, x), rtol=0, atol=1e-6)


@torch.no_grad()
def test_feature_importance_is_blind_to_padding() -> None:
    model, x = small_model().double(), random_windows(3, 10, 4).double()

    importance = model.get_feature_importance(x, [10, 4, 1])

    assert torch.allclose(torch.tensor(importance, dtype=x.dtype), documents_loop(model, x, [10, 4, 1]), rtol=0, atol=1e-12)


@torch.no_grad()
def test_a_model_in_training_answers_as_it_would_when_evaluated() -> None:
    model, x = small_model(), random_windows(2, 10, 4)
    expected = model.get_feature_importance(x)

    importance = model.train().get_feature_importance(x)

    assert importance == pytest.approx(expected)
    assert model.training


@torch.no_grad()
def test_a_feature_that_nothing_reads_has_no_importance() -> None:
    model, x = small_model(), random_windows(2, 10, 4)
    model.input_proj[0].weight[:, 2] = 0

    importance = model.get_feature_importance(x)

    assert importance[2] == 0 and min(importance[0], importance[1], importance[3]) > 0


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64])
@pytest.mark.parametrize("lengths", [None, [7, 2]])
@torch.no_grad()
def test_any_batch_size_gives_the_same_outputs(size: int, lengths: list[int] | None, monkeypatch: pytest.MonkeyPatch) -> None:
    model, x, baseline = small_model().double(), random_windows(2, 7, 4).double(), random_windows(2, 7, 4, seed=5).double()

    monkeypatch.setattr(batching, "BATCH", size)
    intact, ablated = ablated_outputs(model, x, baseline, lengths)

    assert torch.allclose(intact, model(x, lengths), atol=1e-12)
    for feature in range(4):
        changed = x.clone()
        changed[:, :, feature] = baseline[:, :, feature]
        assert torch.allclose(ablated[feature], model(changed, lengths), atol=1e-12)


@pytest.mark.parametrize("baseline", [torch.tensor(3.0), torch.tensor([3.0, 3.0]), torch.full((5, 2), 3.0)])
def test_a_baseline_is_a_number_or_one_a_feature_or_a_window(baseline: Tensor) -> None:
    class Sum(nn.Module):
        def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
            return x.sum((1, 2))[:, None]

    x = torch.ones(1, 5, 2)

    intact, ablated = ablated_outputs(Sum(), x, baseline)

    assert intact.item() == 10  # 5 steps of two ones
    assert ablated.flatten().tolist() == [20, 20]  # 5 ones and 5 threes
    assert torch.equal(x, torch.ones(1, 5, 2))
