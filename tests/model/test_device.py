import pytest
import torch

from complex_lstm.model import device
from complex_lstm.model.device import device_name, pick_device, settle_threads


def test_the_number_of_threads_that_somebody_set_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    assert settle_threads() == torch.get_num_threads() == 1


@pytest.mark.parametrize(("with_two", "settled"), [(0.9, 1), (0.5, 2)])
def test_a_second_thread_must_be_worth_it(with_two: float, settled: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(device.os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    monkeypatch.setattr(device, "_seconds", lambda model, x, threads: {1: 1.0, 2: with_two}[threads])

    try:
        assert settle_threads(16) == torch.get_num_threads() == settled
    finally:
        torch.set_num_threads(1)


def test_the_processor_is_named_with_its_threads() -> None:
    assert device_name(torch.device("cpu")) == "CPU, 1 thread"
    assert pick_device().type == ("cuda" if torch.cuda.is_available() else "cpu")
