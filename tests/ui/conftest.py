"""What the tests of `ui` share: a workspace of their own."""

from pathlib import Path

import pytest


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder for what visitors bring."""
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    return tmp_path
