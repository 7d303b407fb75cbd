import pytest
import torch

from complex_lstm.model.device import core_count, device_name, pick_device, settle_threads, worker_count


def test_the_number_of_threads_that_somebody_set_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    assert settle_threads() == torch.get_num_threads() == 1


@pytest.mark.long
def test_measured_threads_times_batches_side_by_side_never_exceed_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)

    try:
        threads = settle_threads(16)
        assert threads == torch.get_num_threads()
        assert 1 <= threads * worker_count(torch.device("cpu")) <= core_count()
    finally:
        torch.set_num_threads(1)


def test_the_processor_is_named_with_its_threads() -> None:
    assert device_name(torch.device("cpu")) == "CPU, 1 thread"
    assert pick_device().type == ("cuda" if torch.cuda.is_available() else "cpu")
