"""The app without a browser, in the test's own process."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.ui.work import works

ROOT = Path(__file__).resolve().parents[2]
Show = Callable[..., AppTest]


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left_computing() -> Iterator[None]:
    """End what the pages compute beside the tests: measuring a model draws random numbers that the next file's trainings count on."""
    yield
    known = list(works()._works.values())
    for work in known:
        work.stop()
    while any(work.is_under_way for work in known):
        time.sleep(0.1)


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Show:
    """Return a new session that has followed a link to a page. Its workspace is empty."""
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))

    def show(page: str, **selection: object) -> AppTest:
        app = AppTest.from_file(str(ROOT / "complex_lstm/ui/router.py"), default_timeout=60)
        app.query_params.update({name: str(value) for name, value in selection.items()})
        app.switch_page(str(ROOT / f"pages/{page}.py"))
        return app.run()

    return show
