import dataclasses

import numpy as np
import torch

from complex_lstm.training.batches import SeededSampler, WindowBatches, loader
from tests.training.planted import forecast_dataset, planted_dataset


def test_a_batch_is_inputs_lengths_and_class_numbers() -> None:
    dataset = planted_dataset()
    batches = WindowBatches(dataset, np.arange(10))

    x, lengths, truth = batches.__getitems__([4, 2])

    assert np.array_equal(x.numpy(), dataset.windows.inputs(np.array([4, 2]))) and lengths.tolist() == [50, 50]
    assert [dataset.schema.classes[number] for number in truth] == dataset.windows.label[[4, 2]].tolist()


def test_windows_of_an_unknown_class_are_left_out() -> None:
    dataset = planted_dataset()
    labels = dataset.windows.label.copy()
    labels[[1, 3]] = "", "never_seen"

    batches = WindowBatches(dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, label=labels)), np.arange(6))

    assert batches.chosen.tolist() == [0, 2, 4, 5] and len(batches) == 4


def test_values_are_learned_scaled_and_unknown_ones_left_out() -> None:
    series = np.arange(60.0)
    series[10] = np.nan
    dataset = forecast_dataset(values=series)

    batches = WindowBatches(dataset, dataset.windows.of_part("training"))

    _, _, truth = batches.__getitems__([0])
    expected = (4 - dataset.scaling.target_mean[0]) / dataset.scaling.target_std[0]  # the step after 0 1 2 3
    assert truth.dtype == torch.float32 and np.isclose(truth.item(), expected)
    assert 6 not in batches.chosen  # its answer is the missing step 10


def test_changes_are_learned_scaled() -> None:
    dataset = forecast_dataset(as_change=True, values=np.arange(60.0) ** 2)

    _, _, truth = WindowBatches(dataset, np.array([0])).__getitems__([0])

    mean, std = dataset.scaling.target_mean[0], dataset.scaling.target_std[0]
    assert np.isclose(truth.item(), (4**2 - 3**2 - mean) / std)


def test_the_seed_shuffles_and_no_seed_keeps_the_order() -> None:
    batches = WindowBatches(planted_dataset(), np.arange(30))

    def answers(order: SeededSampler | None) -> list[int]:
        return [number for _, _, truth in loader(batches, batch_size=7, order=order) for number in truth.tolist()]

    assert answers(None) == batches.truth[:30].tolist()
    assert answers(SeededSampler(30, 3)) == answers(SeededSampler(30, 3)) != answers(SeededSampler(30, 4))
    assert sorted(answers(SeededSampler(30, 3))) == sorted(answers(None))


def test_each_epoch_has_its_own_order_and_needs_no_other_to_know_it() -> None:
    gone_through, resumed = SeededSampler(30, 3), SeededSampler(30, 3)

    first = list(gone_through)
    gone_through.set_epoch(1)
    resumed.set_epoch(1)

    assert list(gone_through) == list(resumed) != first


def test_shuffled_answers_are_the_same_answers_of_other_windows() -> None:
    dataset = planted_dataset()
    chosen = dataset.windows.of_part("training")

    own, shuffled, again = (WindowBatches(dataset, chosen, shuffle_seed=seed).truth[chosen].tolist() for seed in (None, 5, 5))

    assert sorted(own) == sorted(shuffled) and own != shuffled == again
