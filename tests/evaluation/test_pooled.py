"""The pooled vector of a window is what the ensemble heads are given."""

import numpy as np
import pytest
import torch

from complex_lstm.errors import Stopped
from complex_lstm.evaluation.pooled import MOST_BYTES, most_pooled, pooled_windows
from complex_lstm.inference import predict, window_tensors
from tests.browser.truth import truth_of


@pytest.mark.parametrize("sample", ["planted_order", "japanese_vowels"])  # of one length, and whole series of unequal length
def test_it_is_the_input_of_the_ensemble_heads(sample: str) -> None:
    truth = truth_of(sample)
    chosen = np.array([0, 3, 250, 7])
    seen: list[np.ndarray] = []
    handle = truth.model.output_heads[0].register_forward_pre_hook(lambda module, given: seen.append(given[0].detach().numpy()))
    try:
        for one in chosen:
            truth.model(*window_tensors(truth.dataset, np.array([one]), torch.device("cpu")))
    finally:
        handle.remove()

    found = pooled_windows(truth.model, truth.dataset, chosen)

    assert found.vectors.dtype == np.float32 and np.allclose(found.vectors, np.concatenate(seen), atol=1e-5)
    trace = truth.model.trace(*window_tensors(truth.dataset, chosen[2:3], torch.device("cpu")))
    own = torch.cat([trace.pooled_mean, trace.pooled_max, trace.pooled_last], dim=1)[0].numpy()
    assert np.allclose(found.vectors[2], own, atol=1e-5)


def test_the_same_pass_predicts() -> None:
    truth = truth_of("japanese_vowels")
    chosen = np.arange(0, 270, 30)

    found, alone = pooled_windows(truth.model, truth.dataset, chosen).predictions, predict(truth.model, truth.dataset, chosen)

    assert found.chosen.tolist() == chosen.tolist()
    for name in ("outputs", "ensemble_head_outputs", "predicted"):
        assert np.allclose(getattr(found, name), getattr(alone, name), atol=1e-5)
    some = found.of(np.array([2, 0]))
    assert some.chosen.tolist() == [60, 0] and np.array_equal(some.predicted, found.predicted[[2, 0]])


def test_it_reports_its_progress_and_stops() -> None:
    truth, done = truth_of("planted_order"), []

    with pytest.raises(Stopped):
        pooled_windows(
            truth.model, truth.dataset, np.arange(300), progress=lambda some, of: done.append((some, of)), stop=lambda: bool(done)
        )

    assert done[0] == (64, 300) and len(done) < 5


def test_a_model_in_training_mode_is_not_run_itself() -> None:
    truth, chosen = truth_of("planted_order"), np.arange(3)
    expected = pooled_windows(truth.model, truth.dataset, chosen).vectors
    truth.model.train()
    try:
        found = pooled_windows(truth.model, truth.dataset, chosen).vectors
        assert truth.model.training
    finally:
        truth.model.eval()

    assert np.array_equal(found, expected)


def test_the_memory_of_the_vectors_is_bounded() -> None:
    for channels in (8, 64, 256):
        count = most_pooled(channels)
        assert count * 3 * channels * 4 <= MOST_BYTES < (count + 1) * 3 * channels * 4
