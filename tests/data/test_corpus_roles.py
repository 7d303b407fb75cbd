"""Columns whose names or values mislead: each gets the role that its values bear out, and the reason is said."""

from functools import cache

import pytest

from complex_lstm.data import Table, check_roles, guess_roles, prepare_training, read_csv, suggest_split, suggest_window
from tests.data.corpus_roles import RolesFile, corpus


@cache
def read(name: str, content: bytes) -> Table:
    """Return a file of the corpus as it is read: once for all tests."""
    return read_csv(content, f"{name}.csv")


@pytest.mark.parametrize("file", corpus(), ids=lambda file: file.name)
def test_each_column_gets_its_role_and_a_reason(file: RolesFile) -> None:
    table = read(file.name, file.content)

    guess = guess_roles(table)

    roles, reasons = guess.roles, dict(guess.reasons)
    assert (roles.features, roles.targets, roles.task) == (file.features, file.targets, file.task), reasons
    assert (roles.time, roles.series) == (file.time, file.series), reasons
    assert all(words in reasons[column] for column, words in file.out), reasons
    assert guess.problems == () and list(reasons) == list(table.frame)
    assert set(file.one_hot) <= set(guess.one_hot)


@pytest.mark.parametrize("file", corpus(), ids=lambda file: file.name)
def test_what_is_guessed_can_be_trained_on(file: RolesFile) -> None:
    table = read(file.name, file.content)
    roles = guess_roles(table).roles
    window = suggest_window(table, roles)

    dataset = prepare_training(table, roles, window, suggest_split(table, roles, window))

    check_roles(table, roles)
    assert all(len(dataset.windows.of_part(part)) for part in ("training", "validation", "test"))
