"""The app without a browser, in the test's own process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
Show = Callable[..., AppTest]


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
