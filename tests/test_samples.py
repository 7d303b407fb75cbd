import pytest

from complex_lstm import Checkpoint, load_checkpoint
from complex_lstm.data import fingerprint
from complex_lstm.samples import SAMPLES


@pytest.mark.parametrize("key", ["nyc_weather", "shoulder_exercises", "japanese_vowels", "planted_order"])
def test_a_sample_is_a_csv_and_the_checkpoint_trained_on_it(key: str) -> None:
    sample = SAMPLES[key]

    checkpoint = load_checkpoint(sample.checkpoint)

    assert isinstance(checkpoint, Checkpoint) and checkpoint.fingerprint == fingerprint(sample.csv.read_bytes())


def test_the_checkpoint_of_planted_shape_was_trained_on_another_draw() -> None:
    sample = SAMPLES["planted_shape"]

    checkpoint = load_checkpoint(sample.checkpoint)

    assert isinstance(checkpoint, Checkpoint) and checkpoint.fingerprint != fingerprint(sample.csv.read_bytes())
    assert "--data planted_shape_training.csv" in checkpoint.command


@pytest.mark.parametrize("key", SAMPLES)
def test_a_sample_says_what_it_is(key: str) -> None:
    sample = SAMPLES[key]

    assert sample.csv.stem == sample.checkpoint.stem == key
    assert sample.title and sample.icon and sample.sentence.endswith(".") and sample.credit
