"""An intervention at a place that is not there, or with a value that cannot stand there, is refused in clear words."""

from dataclasses import dataclass

import pytest
import torch

from complex_lstm.config import ModelConfig
from complex_lstm.errors import InterventionError, ShapeError
from complex_lstm.model.hooks import Intervention, SiteContext
from complex_lstm.model.interventions import (
    AverageEnsembleHead,
    ForceGate,
    ForceGateChannels,
    ReplacePooled,
    SilenceAttention,
    SilenceEnsembleHead,
    SilenceHead,
    SilencePooled,
    SilenceScale,
    SkipBlock,
    UniformAttention,
    UniformHead,
)
from complex_lstm.model.sites import Site
from tests.model.lively import small_model

VECTOR, SAID = torch.zeros(16), torch.zeros(5, 3, 2)


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize(
    ("one", "words"),
    [
        (SilenceHead(0, 4), "There is no attention head 4 in this model: it has 4, numbered from 0 to 3."),
        (UniformHead(0, -1), "no attention head -1 in this model"),
        (SilenceHead(2, 0), "There is no attention layer 2 in this model: it has 2, numbered from 0 to 1."),
        (UniformAttention(5), "no attention layer 5"),
        (SilenceAttention(2), "no attention layer 2"),
        (SkipBlock(4), "There is no BiLSTM block 4 in this model: it has 4, numbered from 0 to 3."),
        (SilenceScale(3, 0), "There is no convolution stage 3 in this model: it has 1 and 2."),
        (SilenceScale(2, 3), "There is no convolution scale 3 in this model: it has 3, numbered from 0 to 2."),
        (SilenceEnsembleHead(3), "There is no ensemble head 3 in this model: it has 3"),
        (AverageEnsembleHead(-1, SAID), "no ensemble head -1"),
        (ForceGate(1.5), "The gate cannot be 1.5: it is a share from 0"),
        (ForceGate(float("nan")), "The gate cannot be nan"),
        (ForceGateChannels(-0.1, (0,)), "The gate cannot be -0.1"),
        (ForceGateChannels(0.5, (3, 16)), "There is no channel 16 in this model: it has 16, numbered from 0 to 15."),
    ],
    ids=repr,
)
def test_a_place_that_is_not_there_is_told_with_those_that_are(one: Intervention, words: str) -> None:
    with pytest.raises(InterventionError) as caught:
        small_model().trace(torch.zeros(2, 5, 4), interventions=(ForceGate(0.5), one))

    assert words in str(caught.value)


def test_a_model_without_attention_in_use_says_so() -> None:
    with pytest.raises(InterventionError, match="There is no attention layer 0 in this model: it has none."):
        small_model(num_lstm_layers=1).intervened(torch.zeros(2, 5, 4), interventions=(SilenceHead(0, 0),))


@pytest.mark.usefixtures("shapes_unchecked")
def test_a_pooled_vector_that_is_not_there_is_told_with_those_that_are() -> None:
    for one in (SilencePooled("median"), ReplacePooled("median", VECTOR)):
        with pytest.raises(InterventionError, match="There is no pooled vector 'median' in this model: it has mean, max, last."):
            small_model().intervened(torch.zeros(2, 5, 4), interventions=(one,))


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize("shape", [(15,), (1, 16), ()])
def test_a_vector_that_cannot_stand_for_a_pooled_one_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"place of pooled_mean has shape .*, expected \(16,\)") as caught:
        small_model().intervened(torch.zeros(2, 5, 4), interventions=(ReplacePooled("mean", torch.zeros(shape)),))

    assert str(shape) in str(caught.value)


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize("shape", [(5, 2, 2), (5, 3, 3), (0, 3, 2), (3, 2)])
def test_outputs_that_no_mean_can_be_taken_of_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"expected \(window, 3, 2\) with at least one window") as caught:
        small_model().intervened(torch.zeros(2, 5, 4), interventions=(AverageEnsembleHead(0, torch.zeros(shape)),))

    assert str(shape) in str(caught.value)


@dataclass(frozen=True)
class Skip:
    """An intervention of a user's own, which skips the block at any site."""

    site: Site

    def check(self, config: ModelConfig) -> None:
        """Nothing to check."""

    def replace(self, value: torch.Tensor, context: SiteContext) -> torch.Tensor:
        return context.block_input


def test_only_blocks_whose_input_is_of_the_same_kind_can_be_skipped() -> None:
    model, x = small_model(), torch.zeros(2, 5, 4)

    assert torch.equal(model.intervened(x, interventions=[Skip(Site("lstm", 2))]), model.intervened(x, interventions=[SkipBlock(2)]))
    with pytest.raises(InterventionError, match="Nothing can go on in place of gate: skip the positions, a BiLSTM block or"):
        model.intervened(x, interventions=[Skip(Site("gate"))])
