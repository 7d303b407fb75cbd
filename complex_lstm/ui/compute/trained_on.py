"""What a model was trained on: whether a file is that, what its training part looked like, and how another file differs from it."""

from __future__ import annotations

from complex_lstm.data import Dataset, Mismatch, compare, compare_scaling, prepare_for, read_csv, training_facts
from complex_lstm.errors import DataError
from complex_lstm.facts import TrainingFacts
from complex_lstm.model import Checkpoint
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.sources import Source, find_file


def facts_of(model: str) -> TrainingFacts | None:
    """Return what a model's training part looked like: as its checkpoint keeps it, or as its training file has it where that is here."""
    loaded = cache.checkpoint(model)
    if not isinstance(loaded, Checkpoint) or loaded.facts is not None:
        return loaded.facts if isinstance(loaded, Checkpoint) else None
    source = find_file(loaded.fingerprint)
    if source is None:
        return None

    def make() -> TrainingFacts | None:
        trained_on = training_dataset(loaded, source)
        return None if trained_on is None else training_facts(trained_on)

    return cache.remember("training_facts", (model, source.data), make, most=8)


def training_dataset(loaded: Checkpoint, source: Source) -> Dataset | None:
    """Return the data set of a model's training file; None where that was read otherwise then, as nothing tells."""
    try:
        table = read_csv(source.path, source.name, loaded.reading)
        return prepare_for(table, loaded.schema, loaded.window, loaded.scaling, loaded.split)
    except DataError:
        return None


def mismatches(data: str, model: str, setup_key: str) -> tuple[Mismatch, ...]:
    """Return how a file differs from what a model was trained on; () where it is that file.

    Of a checkpoint without facts, whose training file is not here either, only means and deviations are compared.
    """
    loaded = cache.checkpoint(model)
    if not isinstance(loaded, Checkpoint) or is_trained_on(data, model, setup_key):
        return ()
    facts = facts_of(model)

    def make() -> tuple[Mismatch, ...]:
        found = cache.dataset(data, model, setup_key, 0)
        return compare_scaling(loaded.scaling, found) if facts is None else compare(facts, found)

    return cache.remember("mismatches", (data, model, setup_key, facts is None), make)


def is_trained_on(data: str, model: str, setup_key: str) -> bool:
    """Return whether a file, as it is used, is the one that a model was trained on."""
    loaded, opened = cache.checkpoint(model), cache.table(data)
    if not isinstance(loaded, Checkpoint) or opened.fingerprint != loaded.fingerprint or cache.fitted_table(data, setup_key) is not opened:
        return False
    return opened.reading.convert == (loaded.reading.convert if loaded.reading else ())
