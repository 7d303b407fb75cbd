"""Damaged files: whatever bytes are read, the only errors are our own, and none takes long or much memory."""

import re
import time
from pathlib import Path

import numpy as np
import pytest

from complex_lstm.data import examine, guess_roles, prepare_training, report_on, suggest
from complex_lstm.errors import ComplexLSTMError
from tests.data import corpus_roles, corpus_times
from tests.data.corpus import FILES
from tests.data.mutations import mutated, seed_of
from tests.mutating import parts

MANY = 10_000
FEW = 10
SLOWEST = 6000  # one line of a thousand cells, of which hundreds are dates
PREPARED = "prepared"
MOST_SECONDS = 60  # of CPU: none hangs. On a quiet core none takes 5; beside other work up to 9 were measured
MOST_MB = 768  # more than before the first file
ALL = [
    (name, content)
    for name, content in [
        *((file.name, file.content) for file in FILES),
        *((f"{file.name}.csv", file.content) for file in (*corpus_roles.corpus(), *corpus_times.corpus())),
    ]
    if len(content) < 300_000
]


def damaged(number: int) -> tuple[str, bytes]:
    name, content = ALL[number % len(ALL)]
    return name, mutated(content, np.random.default_rng(seed_of(name, number)))


def go_all_the_way(name: str, content: bytes) -> str:
    """Read, report on and prepare a file, and return how it ended: that it was prepared, what stands in the way, or our own error."""
    try:
        found = examine(content, name)
        if found.table is None:
            return found.fault.message if found.fault else ""
        table, guess = found.table, guess_roles(found.table)
        try:
            dataset = prepare_training(table, guess.roles, *suggest(table, guess.roles))
        except ComplexLSTMError as error:
            report_on(table, guess.roles, None, guess, found.offers)
            return str(error)
        report_on(table, guess.roles, dataset, guess, found.offers)
    except ComplexLSTMError as error:
        return str(error)
    return PREPARED


@pytest.mark.parametrize(
    "number", [pytest.param(number, marks=pytest.mark.long if number == SLOWEST else ()) for number in range(0, MANY, MANY // FEW)]
)
def test_a_damaged_file_ends_in_a_table_or_in_our_own_words(number: int) -> None:
    ending = go_all_the_way(*damaged(number))

    assert ending == PREPARED or ending.endswith((".", ")", "?"))


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", parts(range(5)))
def test_ten_thousand_damaged_files_end_so_and_none_hangs_or_fills_the_memory(part: int) -> None:
    check_part(part)


def check_part(part: int) -> None:
    """Go all the way with a tenth of the damaged files."""
    slow = []
    Path("/proc/self/clear_refs").write_text("5")  # the process's peak begins anew: other tests had their own
    before = peak_mb()
    for number in range(part * MANY // 10, (part + 1) * MANY // 10):
        name, content = damaged(number)
        begun = time.process_time()
        go_all_the_way(name, content)
        if (took := time.process_time() - begun) > MOST_SECONDS:
            slow.append((number, name, took))

    assert not slow
    assert peak_mb() - before < MOST_MB


def peak_mb() -> float:
    """Return the most memory that this process had at once since the peak was last cleared, in MB."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
