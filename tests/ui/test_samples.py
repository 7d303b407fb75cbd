"""The samples that ship: each with a checkpoint that was trained on this very file, or on more of its kind."""

import pytest

from complex_lstm.data import fingerprint
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.samples import SAMPLES, Sample

MEBIBYTE = 2**20


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_a_sample_ships_with_a_checkpoint_trained_on_it_or_on_more_of_its_kind(sample: Sample) -> None:
    checkpoint = load_checkpoint(sample.checkpoint)

    assert isinstance(checkpoint, Checkpoint)
    assert (checkpoint.fingerprint == fingerprint(sample.csv.read_bytes())) == (sample.key != "planted_shape")
    assert sample.key in checkpoint.command
    assert sample.checkpoint.stat().st_size <= 8 * MEBIBYTE


def test_samples_are_known_by_the_stem_of_their_files() -> None:
    assert all(key == sample.key == sample.csv.stem == sample.checkpoint.stem for key, sample in SAMPLES.items())
