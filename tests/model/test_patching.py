"""A box with another window's value: what was patched goes on, and nothing else does."""

from pathlib import Path

import pytest
import torch

from complex_lstm import load_checkpoint
from complex_lstm.errors import InterventionError, ShapeError
from complex_lstm.model.interventions import Patch, PatchSteps, SkipBlock
from complex_lstm.model.sites import Box, walk_order
from tests.model.by_hand import by_hand, put
from tests.model.lively import random_windows, small_model

BOXES = walk_order(4)
TIMED = [box for box in BOXES if box.has_time]
LENGTHS = [9, 3]


def windows(seed: int = 1) -> torch.Tensor:
    return random_windows(2, 9, 4, seed=seed)


@pytest.mark.parametrize("box", BOXES, ids=str)
@torch.no_grad()
def test_a_window_patched_with_itself_is_itself(box: Box) -> None:
    model, x = small_model(), windows()
    own = model.trace(x, LENGTHS)

    patched = model.trace(x, LENGTHS, (Patch(box, own),))

    assert all(torch.equal(patched.at(one), own.at(one)) for one in BOXES)
    assert torch.allclose(model.intervened(x, LENGTHS, (Patch(box, own),)), model(x, LENGTHS), atol=1e-5)


@torch.no_grad()
def test_a_trained_model_patched_with_itself_says_the_same(sample_data: Path) -> None:
    model = load_checkpoint(sample_data / "planted_order.safetensors").model
    x = random_windows(2, 30, model.config.input_dim)
    own = model.trace(x)

    for box in own.boxes:
        assert torch.equal(model.trace(x, interventions=(Patch(box, own),)).prediction, own.prediction), box


@pytest.mark.parametrize("box", BOXES, ids=str)
@torch.no_grad()
def test_the_patched_box_holds_the_donors_value_and_those_before_keep_their_own(box: Box) -> None:
    model = small_model()
    own, donor = model.trace(windows(), LENGTHS), model.trace(windows(2), LENGTHS)

    patched = model.trace(windows(), LENGTHS, (Patch(box, donor),))

    assert torch.equal(patched.at(box), donor.at(box))
    assert all(torch.equal(patched.at(one), own.at(one)) for one in BOXES[: BOXES.index(box)])
    assert not torch.equal(patched.prediction, own.prediction)


@pytest.mark.parametrize("name", ["projected", "encoded", "fused", "head_outputs", "prediction"])
@torch.no_grad()
def test_what_all_goes_through_decides_all(name: str) -> None:
    model = small_model()
    donor = model.trace(windows(2), LENGTHS)

    assert torch.equal(model.trace(windows(), LENGTHS, (Patch(Box(name), donor),)).prediction, donor.prediction)


@torch.no_grad()
def test_patched_attention_weights_are_used_and_a_patched_gate_mixes() -> None:
    model, x = small_model(), windows()
    donor = model.trace(windows(2))

    looked = model.intervened(x, interventions=(Patch(Box("attention", 1), donor),))
    mixed = model.intervened(x, interventions=(Patch(Box("gate"), donor),))

    assert torch.allclose(looked, by_hand(model, x, weights=lambda own, layer: donor.attention[:, 1] if layer else own), atol=1e-5)
    assert torch.allclose(mixed, by_hand(model, x, gate=lambda _: donor.gate), atol=1e-5)


@torch.no_grad()
def test_one_donor_serves_every_window() -> None:
    model = small_model()
    donor = model.trace(windows(2)[:1])

    for box in BOXES:
        patched = model.trace(windows(), interventions=(Patch(box, donor),))
        assert torch.equal(patched.at(box), donor.at(box).expand_as(patched.at(box)))


@pytest.mark.parametrize("box", TIMED, ids=str)
@torch.no_grad()
def test_chosen_steps_are_the_donors_and_the_others_their_own(box: Box) -> None:
    model = small_model()
    own, donor = model.trace(windows()), model.trace(windows(2))

    patched = model.trace(windows(), interventions=(PatchSteps(box, donor, (0, 5)),))

    steps = [0, 5]
    assert torch.equal(patched.at(box), put(own.at(box), donor.at(box)[..., steps, :], ..., steps, slice(None)))


@torch.no_grad()
def test_all_steps_are_the_whole_box_and_no_steps_nothing_of_it() -> None:
    model, x = small_model(), windows()
    donor = model.trace(windows(2), LENGTHS)

    whole = model.intervened(x, LENGTHS, (Patch(Box("lstm", 1), donor),))

    assert torch.equal(model.intervened(x, LENGTHS, (PatchSteps(Box("lstm", 1), donor, tuple(range(9))),)), whole)
    assert torch.equal(model.intervened(x, LENGTHS, (PatchSteps(Box("lstm", 1), donor, ()),)), model(x, LENGTHS))


@torch.no_grad()
def test_a_patch_after_a_skipped_block_stands_and_one_before_is_skipped() -> None:
    model, x = small_model(), windows()
    patch, skip = Patch(Box("lstm", 3), model.trace(windows(2))), SkipBlock(3)

    assert torch.equal(model.intervened(x, interventions=(skip, patch)), model.intervened(x, interventions=(patch,)))
    assert torch.equal(model.intervened(x, interventions=(patch, skip)), model.intervened(x, interventions=(skip,)))


@torch.no_grad()
def test_vectors_after_pooling_come_from_a_window_of_any_length() -> None:
    model, x = small_model(), windows()
    donor = model.trace(random_windows(1, 5, 4))

    outputs = model.intervened(x, interventions=(Patch(Box("pooled_last"), donor),))

    assert torch.allclose(outputs, by_hand(model, x, pooled=lambda three: put(three, donor.pooled_last, slice(None), 2)), atol=1e-5)


@pytest.mark.parametrize("box", TIMED, ids=str)
@torch.no_grad()
def test_another_length_is_refused(box: Box) -> None:
    model = small_model()
    shorter, padded = model.trace(windows()[:, :5]), model.trace(windows(), [9, 4])

    for donor, theirs in ((shorter, r"\[5, 5\]"), (padded, r"\[9, 4\]")):
        for patch in (Patch(box, donor), PatchSteps(box, donor, (0,))):
            with pytest.raises(ShapeError, match=rf"is of \[9, 3\] time steps, the donor's of {theirs}. Patch between windows of the same"):
                model.intervened(windows(), LENGTHS, (patch,))


@torch.no_grad()
def test_a_donor_of_another_number_of_windows_or_another_size_is_refused() -> None:
    model, x = small_model(), windows()
    three, wider = model.trace(random_windows(3, 9, 4)), small_model(hidden_dim=32).trace(x)
    unpadded = model.trace(x[:, :5])

    with pytest.raises(ShapeError, match="The donor has 3 windows for 2. Take one for all, or as many."):
        model.intervened(x, interventions=(Patch(Box("pooled_max"), three),))
    with pytest.raises(ShapeError, match=r"gate has shape \(9, 16\) for each window, the donor's \(9, 32\)"):
        model.intervened(x, interventions=(Patch(Box("gate"), wider),))
    with pytest.raises(ShapeError, match=r"gate has shape \(9, 16\) for each window, the donor's \(5, 16\).*padded alike"):
        model.intervened(x, [5, 5], (Patch(Box("gate"), unpadded),))


@torch.no_grad()
def test_boxes_and_steps_that_are_not_there_are_told() -> None:
    model, x = small_model(num_lstm_layers=2), windows()
    own, deeper = model.trace(x), small_model().trace(x)
    told = {
        "There is no box lstm[2] in this model. It has projected, encoded, conv1_scales[0]": Patch(Box("lstm", 2), deeper),
        "There is no box pooled in this model.": PatchSteps(Box("pooled"), own, (0,)),
        "pooled_mean has no time steps to choose from. Patch it whole.": PatchSteps(Box("pooled_mean"), own, (0,)),
        "The steps to patch at gate are [3, 9], expected steps from 0 to 8.": PatchSteps(Box("gate"), own, (3, 9)),
        "The steps to patch at gate are [-1], expected": PatchSteps(Box("gate"), own, (-1,)),
    }

    for words, patch in told.items():
        with pytest.raises(InterventionError) as caught:
            model.intervened(x, interventions=(patch,))
        assert words in str(caught.value)
    with pytest.raises(InterventionError, match=r"There is no box lstm\[2\] in this trace"):
        small_model().intervened(x, interventions=(Patch(Box("lstm", 2), own),))
