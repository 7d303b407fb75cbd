"""The whole way of a file that a stranger brings: examined, its roles guessed, a window suggested, prepared; or refused in words."""

from functools import cache

import pytest

from complex_lstm.data import Dataset, Examination, examine, guess_roles, prepare_training, suggest
from complex_lstm.errors import ComplexLSTMError
from complex_lstm.recipe import Missing
from tests.data import corpus, corpus_roles, corpus_times
from tests.data.corpus_strangers import STRANGERS, Stranger

EVERY = [
    *((file.name, file.content) for file in corpus.FILES),
    *((f"{file.name}.csv", file.content) for file in (*corpus_roles.corpus(), *corpus_times.corpus(), *STRANGERS)),
]


@cache
def examined(name: str, content: bytes) -> Examination:
    """Return what is found in a file: found once for all tests."""
    return examine(content, name)


def prepared(name: str, content: bytes) -> Dataset:
    table = examined(name, content).table
    assert table is not None
    roles = guess_roles(table).roles
    return prepare_training(table, roles, *suggest(table, roles))


def test_the_corpus_has_many_files() -> None:
    assert len(EVERY) >= 290 and len({content for _, content in EVERY}) > 280


@pytest.mark.parametrize("file", STRANGERS, ids=lambda file: file.name)
def test_a_strangers_file_gets_the_roles_that_its_values_bear_out(file: Stranger) -> None:
    found = examined(f"{file.name}.csv", file.content)
    assert found.table is not None

    guess = guess_roles(found.table)

    roles, reasons = guess.roles, dict(guess.reasons)
    offered = {(one.column, one.value.cell) for one in found.offers if one.likely and isinstance(one.value, Missing)}
    assert (roles.features, roles.targets[:1], roles.time, roles.series) == (
        file.features, (file.target,) if file.target else (), file.time, file.series,
    ), reasons  # fmt: skip
    assert not file.target or roles.task == file.task
    assert all(words in reasons[column] for column, words in file.out), reasons
    assert offered == set(file.offered)


@pytest.mark.parametrize("file", STRANGERS, ids=lambda file: file.name)
def test_a_strangers_file_is_prepared_with_its_times_or_refused_with_a_remedy(file: Stranger) -> None:
    if file.refused:
        with pytest.raises(ComplexLSTMError) as caught:
            prepared(f"{file.name}.csv", file.content)
        assert file.refused in str(caught.value)
        return

    dataset = prepared(f"{file.name}.csv", file.content)

    series = dataset.series[0]
    assert all(len(dataset.windows.of_part(part)) for part in ("training", "validation", "test"))
    if file.first:
        labels = series.labels_at(slice(None))
        assert (labels[0], labels[-1]) == (file.first, file.last)


@pytest.mark.long
@pytest.mark.parametrize(("name", "content"), EVERY[::3], ids=[name for name, _ in EVERY[::3]])
def test_every_file_goes_the_whole_way_or_is_told_what_stands_in_it(name: str, content: bytes) -> None:
    try:
        found = examine(content, name)
        if found.table is None:
            assert found.fault is not None and found.fault.message
            return
        roles = guess_roles(found.table).roles
        dataset = prepare_training(found.table, roles, *suggest(found.table, roles))
    except ComplexLSTMError as error:
        message = str(error)
    else:
        message = f"{len(dataset.windows)} windows."

    assert message.endswith((".", ")"))
