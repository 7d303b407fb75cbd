"""Ours against the architecture document written out a second time."""

import pytest
import torch

from complex_lstm import ComplexLSTMModel
from tests.model.lively import liven, random_windows
from tests.model.reference import ReferenceModel

SIZES = (4, 16, 4, 4, 2)
VARIANTS = {
    "as ours": {},
    "dropout after the first relu of a head only": {"head_dropouts": 1},
    "no dropout in the combiner, as ours had": {"combiner_dropout": False},
    "a gradient scale without an axis": {"scalar_scale": True},
    "all at once": {"head_dropouts": 1, "combiner_dropout": False, "scalar_scale": True},
}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
@torch.no_grad()
def test_a_reading_of_the_document_loads_strictly_and_says_the_same(variant: dict[str, object]) -> None:
    reference = liven(ReferenceModel(*SIZES, **variant))
    x = random_windows(3, 20, 4)

    ours = ComplexLSTMModel(*SIZES).eval()
    ours.load_state_dict(reference.state_dict(), strict=True)

    expected, weights = reference(x)
    assert torch.allclose(ours(x), expected, atol=1e-5)
    for got, wanted in zip(ours.get_attention_weights(x), weights, strict=True):
        assert torch.allclose(got, wanted, atol=1e-5)


@pytest.mark.parametrize("blocks", [1, 2, 3, 6])
@torch.no_grad()
def test_attention_follows_blocks_one_and_three_whatever_their_number(blocks: int) -> None:
    reference = liven(ReferenceModel(4, 16, blocks, 4, 2))
    x = random_windows(2, 9, 4)

    ours = ComplexLSTMModel(4, 16, blocks, 4, 2).eval()
    ours.load_state_dict(reference.state_dict(), strict=True)

    expected, weights = reference(x)
    assert len(ours.get_attention_weights(x)) == len(weights) == min(blocks // 2, 2)
    assert torch.allclose(ours(x), expected, atol=1e-5)


@torch.no_grad()
def test_the_default_model_is_the_reference_at_its_defaults() -> None:
    reference = liven(ReferenceModel())
    x = random_windows(1, 50, 9)

    ours = ComplexLSTMModel().eval()
    ours.load_state_dict(reference.state_dict(), strict=True)

    assert torch.allclose(ours(x), reference(x)[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("seed", [0, 1, 2])
@torch.no_grad()
def test_in_training_the_same_dropout_is_drawn(seed: int) -> None:
    sizes = (4, 16, 1, 4, 2)  # one block: attention in training runs through the fused kernel, which draws in another order
    reference, ours, x = liven(ReferenceModel(*sizes)).train(), ComplexLSTMModel(*sizes).train(), random_windows(3, 20, 4)
    ours.load_state_dict(reference.state_dict(), strict=True)

    torch.manual_seed(seed)
    drawn = ours(x)
    torch.manual_seed(seed)

    assert torch.allclose(drawn, reference(x)[0], atol=1e-5)


@torch.no_grad()
def test_ours_loads_into_the_reference_but_for_the_stored_positions() -> None:
    ours = liven(ComplexLSTMModel(*SIZES))
    reference = ReferenceModel(*SIZES).eval()

    found = reference.load_state_dict(ours.state_dict(), strict=False)

    assert found.missing_keys == ["pos_encoding.pe"] and not found.unexpected_keys
    assert torch.allclose(reference(random_windows(2, 9, 4))[0], ours(random_windows(2, 9, 4)), atol=1e-5)


def test_gradients_are_those_of_the_reference() -> None:
    reference = liven(ReferenceModel(*SIZES))
    ours = ComplexLSTMModel(*SIZES).eval()
    ours.load_state_dict(reference.state_dict(), strict=True)
    x = random_windows(2, 9, 4)

    ours(x).sum().backward()
    reference(x)[0].sum().backward()

    wanted = dict(reference.named_parameters())
    assert all(torch.allclose(value.grad, wanted[name].grad, rtol=1e-3, atol=1e-4) for name, value in ours.named_parameters())


def test_a_state_dict_with_a_layer_too_few_is_refused_by_name() -> None:
    state = ComplexLSTMModel(*SIZES).state_dict()
    del state["output_heads.1.3.weight"], state["output_heads.1.3.bias"]

    with pytest.raises(RuntimeError, match=r"output_heads\.1"):
        ComplexLSTMModel(*SIZES).load_state_dict(state, strict=True)
