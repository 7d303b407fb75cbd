"""What all tests share. Shapes in signatures are enforced while testing: the hook must stand before the first import.

`ui` is left out: it has no shapes of its own, and Streamlit's types cannot be checked at run time.
"""

import os

from jaxtyping import install_import_hook

# `settle_threads` keeps to this. What it measures on a machine that is shared would decide the threads, and so the last digits, of later
# tests in the same process, and two threads that wait for one core take many times as long as one.
os.environ["OMP_NUM_THREADS"] = "1"

CHECKED = (
    "arithmetic", "cli", "config", "data", "figures", "inference", "interpretation", "model", "profiling", "runs", "samples", "training",
    "workspace",
)  # fmt: skip
install_import_hook([f"complex_lstm.{room}" for room in CHECKED], "beartype.beartype")

from pathlib import Path  # noqa: E402

import hypothesis  # noqa: E402
import jaxtyping  # noqa: E402
import pytest  # noqa: E402
import torch  # noqa: E402

torch.set_num_threads(1)
hypothesis.settings.register_profile("steady", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("steady")

SAMPLE_DATA = Path(__file__).resolve().parent.parent / "sample_data"


@pytest.fixture
def sample_data() -> Path:
    return SAMPLE_DATA


@pytest.fixture
def shapes_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a user runs the package: a wrong shape meets our own error, not the type checker's."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return one worker more than there are cores: the browser tests spend a quarter of their time waiting for a page."""
    return (os.cpu_count() or 1) + 1
