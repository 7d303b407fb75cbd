"""What all tests share. Shapes in signatures are enforced while testing: the hook must stand before the first import.

Only files with shapes are checked, as a check costs each call a part of a millisecond. `ui` is left out: Streamlit's types cannot be
checked at run time.
"""

import importlib
import os
from pathlib import Path

from jaxtyping import install_import_hook

# `settle_threads` keeps to this. What it measures on a machine that is shared would decide the threads, and so the last digits, of later
# tests in the same process, and two threads that wait for one core take many times as long as one.
os.environ["OMP_NUM_THREADS"] = "1"

ROOT = Path(__file__).resolve().parent.parent
SHAPED = [
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for file in sorted((ROOT / "complex_lstm").rglob("*.py"))
    if "ui" not in file.parts and b"from jaxtyping import" in file.read_bytes()
]
install_import_hook(SHAPED, "beartype.beartype")

import hypothesis  # noqa: E402
import jaxtyping  # noqa: E402
import pytest  # noqa: E402
from xdist.remote import Producer  # noqa: E402
from xdist.scheduler import LoadFileScheduling  # noqa: E402

hypothesis.settings.register_profile("steady", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("steady")

BROWSER = "tests/browser/"
SLOWEST = (  # files of few tests that take minutes
    "tests/data/test_mutations.py", "tests/data/test_further_mutations.py", "tests/browser/test_isolation.py",
    "tests/browser/test_hostile_names.py", "tests/browser/test_what_if.py", "tests/browser/test_tour.py", "tests/browser/test_report.py",
    "tests/browser/test_switches.py", "tests/browser/test_importance.py", "tests/pages/test_one_headline.py",
    "tests/model/test_fuzzed_checkpoints.py", "tests/training/test_fuzzed_runs.py",
)  # fmt: skip
FIRST = (*SLOWEST, BROWSER, "tests/training/", "tests/pages/")  # which take longest; a file begun late would run alone in the end
LIBRARIES = (
    "beartype.roar", "captum.attr", "lightning.pytorch", "pandas", "plotly.graph_objects", "scipy.stats", "sklearn.metrics",
    "streamlit.testing.v1", "torch",
)  # fmt: skip
SAMPLE_DATA = ROOT / "sample_data"


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


class OneServer(LoadFileScheduling):
    """Hand out file by file, and all browser tests together: one server and one browser, started and warmed up once."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Return what hands out the tests with `--dist=loadgroup`; with another, None: it is xdist's own."""
    return OneServer(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Load the large libraries, where tests are run and not only handed out, before any room of ours does.

    While the import hook loads a checked room, what that imports is looked for under another name than Python keeps bytecode by: 3,000
    files of these libraries were compiled anew in each process.
    """
    if session.config.getoption("dist") == "no":
        for library in LIBRARIES:
            importlib.import_module(library)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest chain, and end with many short files: in this order xdist hands them out, with --no-loadscope-reorder."""
    assert all((ROOT / place).exists() for place in FIRST), "A place named in FIRST is gone."
    items.sort(key=lambda item: next((place for place, folder in enumerate(FIRST) if item.nodeid.startswith(folder)), len(FIRST)))
