"""A browser is answered with what belongs to its cookie: sessions and files of others do not exist for it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from complex_lstm.config import to_json
from complex_lstm.config.serving import VARIABLE, ServerSection, Serving
from complex_lstm.ui.app.gate import MEDIA_OWNERS, Gate
from complex_lstm.ui.compute.visitor import assign_session
from complex_lstm.visitors import COOKIE, new_cookie, read_cookie


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("COMPLEX_LSTM_VISITORS", "cookie")


def ask(path: str, *, cookie: str = "", kind: str = "http", method: str = "GET", scheme: str = "http", **headers: str) -> Any:
    """Return the status and the headers of the answer, or of a WebSocket the headers that Streamlit gets."""
    sent: list[dict[str, Any]] = []
    given: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        given.append(scope)
        if kind == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"cache-control", b"public")]})

    async def take(message: dict[str, Any]) -> None:
        sent.append(message)

    own = {"cookie": f"other=1; {COOKIE}={cookie}"} if cookie else {}
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in (headers | own).items()]
    scope = {"type": kind, "path": path, "method": method, "scheme": scheme, "headers": raw}
    with ThreadPoolExecutor(1) as other:  # the browser tests have an event loop in the main thread
        other.submit(lambda: asyncio.run(Gate(app, "lstm")(scope, None, take))).result()
    return dict(given[0]["headers"]) if kind == "websocket" else (sent[0]["status"], dict(sent[0]["headers"]))


def test_a_page_brings_a_cookie_that_scripts_cannot_read_and_nobody_stores() -> None:
    status, headers = ask("/lstm/", accept="text/html")

    name, value = headers[b"set-cookie"].decode().split("; ")[0].split("=", 1)
    assert status == 200 and name == COOKIE and read_cookie(value) and headers[b"cache-control"] == b"no-store"
    assert headers[b"set-cookie"].decode().endswith("; Path=/lstm; Max-Age=34560000; HttpOnly; SameSite=Lax")
    assert ask("/lstm/", accept="text/html", scheme="https")[1][b"set-cookie"].endswith(b"; Secure")


def test_in_a_frame_that_is_allowed_the_cookie_is_sent_by_https_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Serving(ServerSection(outside="https://x.org", frame_ancestors=("https://moodle.example.org",)))
    monkeypatch.setenv(VARIABLE, to_json(told))

    assert ask("/", accept="text/html")[1][b"set-cookie"].endswith(b"; SameSite=None; Secure; Partitioned")


def test_a_cookie_is_kept_and_one_that_is_forged_is_replaced() -> None:
    own = new_cookie()

    assert f"{COOKIE}={own};".encode() in ask("/", cookie=own, accept="text/html")[1][b"set-cookie"]
    assert own.encode() not in ask("/", cookie=own + "x", accept="text/html")[1][b"set-cookie"]
    assert b"set-cookie" not in ask("/static/index.js", cookie=own)[1]


def test_a_session_of_another_is_neither_gone_on_with_nor_uploaded_to() -> None:
    anna, ben = new_cookie(), new_cookie()
    assign_session("s-1", read_cookie(anna))
    protocol = "streamlit, token, s-1"

    for cookie, words in ((anna, protocol), (ben, "streamlit, token"), ("", "streamlit, token")):
        seen = ask("/_stcore/stream", kind="websocket", cookie=cookie, sec_websocket_protocol=protocol)
        assert seen[b"sec-websocket-protocol"].decode() == words
    for method in ("PUT", "DELETE"):
        statuses = [ask("/lstm/_stcore/upload_file/s-1/f", cookie=one, method=method)[0] for one in (anna, ben, "")]
        assert statuses == [200, 404, 404]
    assert ask("/lstm/_stcore/upload_file/unknown/f", cookie=anna)[0] == 404


def test_a_file_is_downloaded_by_whom_it_was_made_for(monkeypatch: pytest.MonkeyPatch) -> None:
    anna, ben = new_cookie(), new_cookie()
    monkeypatch.setitem(MEDIA_OWNERS, "abc", frozenset({read_cookie(anna)}))

    assert [ask("/lstm/media/abc.csv", cookie=one)[0] for one in (anna, ben, "")] == [200, 404, 404]
    assert ask("/lstm/media/unknown.csv", cookie=anna)[0] == 404
    assert ask("/lstm/static/media/font.woff2")[0] == 200


def test_alone_everything_passes_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPLEX_LSTM_VISITORS")

    assert ask("/", accept="text/html") == (200, {b"cache-control": b"public"})
    assert ask("/media/abc.csv")[0] == ask("/_stcore/upload_file/s/f")[0] == 200
