import pytest

from complex_lstm import Checkpoint, load_checkpoint
from complex_lstm.data import fingerprint
from complex_lstm.samples import SAMPLES


@pytest.mark.parametrize("key", ["nyc_weather", "shoulder_exercises", "japanese_vowels", "planted_order"])
def test_a_sample_is_a_csv_and_the_checkpoint_trained_on_it(key: str) -> None:
    sample = SAMPLES[key]

    checkpoint = load_checkpoint(sample.checkpoint)

    assert sample.csv.stem == sample.checkpoint.stem == key
    assert isinstance(checkpoint, Checkpoint) and checkpoint.fingerprint == fingerprint(sample.csv.read_bytes())
    assert sample.title and sample.sentence.endswith(".") and sample.credit
