"""That memory which a step frees is not fetched anew by the next one."""

import resource
import sys

import pytest
import torch

from complex_lstm.training.oom import keep_freed_memory

FLOATS, PAGE = 10 * 2**20, 4096


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux with glibc can keep it")
def test_freed_memory_is_taken_again_without_a_fault_for_each_page() -> None:
    """40 MB have 10,240 pages, which fault one by one when fetched. As it comes, glibc gives blocks above 32 MB back at once."""
    if not keep_freed_memory():
        pytest.skip("this C library cannot keep it")

    taken = [faults_of_a_block() for _ in range(6)]

    assert min(taken) < FLOATS * 4 / PAGE / 10  # some may not fit where the one before lay


def faults_of_a_block() -> int:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.empty(FLOATS).fill_(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
