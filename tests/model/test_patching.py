"""A box with another window's value: what was patched goes on, and nothing else does."""

from pathlib import Path

import pytest
import torch

from complex_lstm import load_checkpoint
from complex_lstm.errors import InterventionError, ShapeError
from complex_lstm.model.interventions import Patch, PatchSteps, SkipBlock
from complex_lstm.model.sites import Site, forward_order
from tests.model.by_hand import by_hand, put
from tests.model.lively import random_windows, small_model

SITES = forward_order(4)
TIMED = [site for site in SITES if site.has_time]
LENGTHS = [9, 3]


def windows(seed: int = 1) -> torch.Tensor:
    return random_windows(2, 9, 4, seed=seed)


@pytest.mark.long
@pytest.mark.parametrize("site", SITES, ids=str)
@torch.no_grad()
def test_a_window_patched_with_itself_is_itself(site: Site) -> None:
    model, x = small_model(), windows()
    own = model.trace(x, LENGTHS)

    patched = model.trace(x, LENGTHS, (Patch(site, own),))

    assert all(torch.equal(patched.at(one), own.at(one)) for one in SITES)
    assert torch.allclose(model.intervened(x, LENGTHS, (Patch(site, own),)), model(x, LENGTHS), atol=1e-5)


@torch.no_grad()
def test_a_trained_model_patched_with_itself_says_the_same(sample_data: Path) -> None:
    model = load_checkpoint(sample_data / "planted_order.safetensors").model
    x = random_windows(2, 30, model.config.input_dim)
    own = model.trace(x)

    for site in own.sites:
        assert torch.equal(model.trace(x, interventions=(Patch(site, own),)).prediction, own.prediction), site


@pytest.mark.parametrize("site", SITES, ids=str)
@torch.no_grad()
def test_the_patched_box_holds_the_donors_value_and_those_before_keep_their_own(site: Site) -> None:
    model = small_model()
    own, donor = model.trace(windows(), LENGTHS), model.trace(windows(2), LENGTHS)

    patched = model.trace(windows(), LENGTHS, (Patch(site, donor),))

    assert torch.equal(patched.at(site), donor.at(site))
    assert all(torch.equal(patched.at(one), own.at(one)) for one in SITES[: SITES.index(site)])
    assert not torch.equal(patched.prediction, own.prediction)


@pytest.mark.parametrize("name", ["projected", "encoded", "fused", "ensemble_head_outputs", "prediction"])
@torch.no_grad()
def test_what_all_goes_through_decides_all(name: str) -> None:
    model = small_model()
    donor = model.trace(windows(2), LENGTHS)

    assert torch.equal(model.trace(windows(), LENGTHS, (Patch(Site(name), donor),)).prediction, donor.prediction)


@torch.no_grad()
def test_patched_attention_weights_are_used_and_a_patched_gate_mixes() -> None:
    model, x = small_model(), windows()
    donor = model.trace(windows(2))

    looked = model.intervened(x, interventions=(Patch(Site("attention", 1), donor),))
    mixed = model.intervened(x, interventions=(Patch(Site("gate"), donor),))

    assert torch.allclose(looked, by_hand(model, x, weights=lambda own, layer: donor.attention[:, 1] if layer else own), atol=1e-5)
    assert torch.allclose(mixed, by_hand(model, x, gate=lambda _: donor.gate), atol=1e-5)


@torch.no_grad()
def test_one_donor_serves_every_window() -> None:
    model = small_model()
    donor = model.trace(windows(2)[:1])

    for site in SITES:
        patched = model.trace(windows(), interventions=(Patch(site, donor),))
        assert torch.equal(patched.at(site), donor.at(site).expand_as(patched.at(site)))


@pytest.mark.parametrize("site", TIMED, ids=str)
@torch.no_grad()
def test_chosen_steps_are_the_donors_and_the_others_their_own(site: Site) -> None:
    model = small_model()
    own, donor = model.trace(windows()), model.trace(windows(2))

    patched = model.trace(windows(), interventions=(PatchSteps(site, donor, (0, 5)),))

    steps = [0, 5]
    assert torch.equal(patched.at(site), put(own.at(site), donor.at(site)[..., steps, :], ..., steps, slice(None)))


@torch.no_grad()
def test_all_steps_are_the_whole_box_and_no_steps_nothing_of_it() -> None:
    model, x = small_model(), windows()
    donor = model.trace(windows(2), LENGTHS)

    whole = model.intervened(x, LENGTHS, (Patch(Site("lstm", 1), donor),))

    assert torch.equal(model.intervened(x, LENGTHS, (PatchSteps(Site("lstm", 1), donor, tuple(range(9))),)), whole)
    assert torch.equal(model.intervened(x, LENGTHS, (PatchSteps(Site("lstm", 1), donor, ()),)), model(x, LENGTHS))


@torch.no_grad()
def test_a_patch_after_a_skipped_block_stands_and_one_before_is_skipped() -> None:
    model, x = small_model(), windows()
    patch, skip = Patch(Site("lstm", 3), model.trace(windows(2))), SkipBlock(3)

    assert torch.equal(model.intervened(x, interventions=(skip, patch)), model.intervened(x, interventions=(patch,)))
    assert torch.equal(model.intervened(x, interventions=(patch, skip)), model.intervened(x, interventions=(skip,)))


@torch.no_grad()
def test_vectors_after_pooling_come_from_a_window_of_any_length() -> None:
    model, x = small_model(), windows()
    donor = model.trace(random_windows(1, 5, 4))

    outputs = model.intervened(x, interventions=(Patch(Site("pooled_last"), donor),))

    assert torch.allclose(outputs, by_hand(model, x, pooled=lambda three: put(three, donor.pooled_last, slice(None), 2)), atol=1e-5)


@pytest.mark.parametrize("site", TIMED, ids=str)
@torch.no_grad()
def test_another_length_is_refused(site: Site) -> None:
    model = small_model()
    shorter, padded = model.trace(windows()[:, :5]), model.trace(windows(), [9, 4])

    for donor, theirs in ((shorter, r"\[5, 5\]"), (padded, r"\[9, 4\]")):
        for patch in (Patch(site, donor), PatchSteps(site, donor, (0,))):
            with pytest.raises(ShapeError, match=rf"is of \[9, 3\] time steps, the donor's of {theirs}. Patch between windows of the same"):
                model.intervened(windows(), LENGTHS, (patch,))


@torch.no_grad()
def test_a_donor_of_another_number_of_windows_or_another_size_is_refused() -> None:
    model, x = small_model(), windows()
    three, wider = model.trace(random_windows(3, 9, 4)), small_model(hidden_dim=32).trace(x)
    unpadded = model.trace(x[:, :5])

    with pytest.raises(ShapeError, match="The donor has 3 windows for 2. Take one for all, or as many."):
        model.intervened(x, interventions=(Patch(Site("pooled_max"), three),))
    with pytest.raises(ShapeError, match=r"gate has shape \(9, 16\) for each window, the donor's \(9, 32\)"):
        model.intervened(x, interventions=(Patch(Site("gate"), wider),))
    with pytest.raises(ShapeError, match=r"gate has shape \(9, 16\) for each window, the donor's \(5, 16\).*padded alike"):
        model.intervened(x, [5, 5], (Patch(Site("gate"), unpadded),))


@torch.no_grad()
def test_boxes_and_steps_that_are_not_there_are_told() -> None:
    model, x = small_model(num_lstm_layers=2), windows()
    own, deeper = model.trace(x), small_model().trace(x)
    told = {
        "There is no site lstm[2] in this model. It has projected, encoded, conv1_scales[0]": Patch(Site("lstm", 2), deeper),
        "There is no site pooled in this model.": PatchSteps(Site("pooled"), own, (0,)),
        "pooled_mean has no time steps to choose from. Patch it whole.": PatchSteps(Site("pooled_mean"), own, (0,)),
        "The steps to patch at gate are [3, 9], expected steps from 0 to 8.": PatchSteps(Site("gate"), own, (3, 9)),
        "The steps to patch at gate are [-1], expected": PatchSteps(Site("gate"), own, (-1,)),
    }

    for words, patch in told.items():
        with pytest.raises(InterventionError) as caught:
            model.intervened(x, interventions=(patch,))
        assert words in str(caught.value)
    with pytest.raises(InterventionError, match=r"There is no site lstm\[2\] in this trace"):
        small_model().intervened(x, interventions=(Patch(Site("lstm", 2), own),))
