"""What makes training pointless or impossible is told before it begins, with the class's name."""

from dataclasses import replace

import numpy as np
import pytest

from complex_lstm.config import SplitConfig
from complex_lstm.data import Dataset
from complex_lstm.errors import TrainingError
from complex_lstm.runs import check_trainable
from tests.training.planted import planted_dataset


def relabelled(dataset: Dataset, training: list[str]) -> Dataset:
    """Give the windows of the training part these labels in turn."""
    label, at = dataset.windows.label.copy(), dataset.windows.of_part("training")
    label[at] = np.resize(np.array(training, dtype=object), len(at))
    return replace(dataset, windows=replace(dataset.windows, label=label))


def test_enough_windows_of_all_classes_need_no_word() -> None:
    assert check_trainable(planted_dataset(60)) == ()


def test_a_class_that_the_training_part_lacks_is_named() -> None:
    notes = check_trainable(relabelled(planted_dataset(60), ["ch3_first", "ch7_first"]))

    assert notes == ("No window of the training part has the class neither_first: the model cannot learn it. Split the data another way.",)


def test_one_class_alone_cannot_be_trained_on() -> None:
    with pytest.raises(TrainingError, match="All windows of the training part have the class ch3_first: there is nothing to distinguish"):
        check_trainable(relabelled(planted_dataset(60), ["ch3_first"]))


def test_too_few_windows_are_told() -> None:
    with pytest.raises(TrainingError, match=r"The training part has 0 windows with an answer"):
        check_trainable(relabelled(planted_dataset(60), [""]))


def test_few_windows_and_no_validation_part_are_worth_a_word() -> None:
    few, unchecked = check_trainable(planted_dataset(20, SplitConfig("series", validation=0.0)))

    assert few.startswith("Only ") and unchecked.startswith("There is no validation part")
