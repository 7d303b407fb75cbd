"""The links that a teacher hands on begin with the address that works from outside."""

import pytest

from complex_lstm.config import to_json
from complex_lstm.config.serving import VARIABLE, ServerSection, Serving
from complex_lstm.ui.session.state import outside_address


@pytest.mark.parametrize("came_by", ["http://127.0.0.1:8501/lstm/explain?window=3", "https://class.example.org/lstm/explain"])
def test_a_link_begins_outside_also_for_who_sits_at_the_server(came_by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Serving(ServerSection(outside="https://class.example.org", base_path="lstm", tls_by_proxy=True))
    monkeypatch.setenv(VARIABLE, to_json(told))

    assert outside_address(came_by) == "https://class.example.org/lstm/explain"


def test_a_link_begins_with_the_visitors_own_address_where_nobody_else_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)

    assert outside_address("http://127.0.0.1:8501/explain?window=3#top") == "http://127.0.0.1:8501/explain"
