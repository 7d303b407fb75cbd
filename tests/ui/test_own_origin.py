"""Who may open the WebSocket and who may frame the app, behind a proxy, with TLS, and where the operator allows others."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from complex_lstm.ui.app.middleware import Headers, OwnOrigin


def answer(middleware: Any, scope: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a middleware sends; the app behind it accepts every WebSocket and answers every request."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    with ThreadPoolExecutor() as pool:  # a thread that has a loop of its own, also on the worker that drives the browser
        pool.submit(asyncio.run, middleware(scope, None, send)).result()
    return sent


async def answering(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"} if scope["type"] == "websocket" else {"type": "http.response.start", "status": 200})


@pytest.mark.parametrize(
    ("scheme", "host", "origin", "opened"),
    [
        ("https", "class.example.org", "https://class.example.org", True),
        ("https", "class.example.org:443", "https://class.example.org", True),
        ("https", "Class.example.org", "https://class.example.org:443", True),
        ("https", "class.example.org", "http://class.example.org", False),
        ("http", "10.0.0.5:8501", "http://10.0.0.5:8501", True),
        ("http", "10.0.0.5:8501", "http://10.0.0.5:8600", False),
        ("http", "10.0.0.5:8501", "https://portal.example.org", True),
        ("http", "10.0.0.5:8501", "null", False),
        ("http", "10.0.0.5:8501", None, True),
    ],
)
def test_the_websocket_opens_for_the_apps_own_origin(scheme: str, host: str, origin: str | None, opened: bool) -> None:
    headers = [(b"host", host.encode()), *([(b"origin", origin.encode())] if origin else [])]
    guarded = OwnOrigin(answering, scheme, others=["https://portal.example.org/"])

    sent = answer(guarded, {"type": "websocket", "headers": headers})

    assert sent == [{"type": "websocket.accept"} if opened else {"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(("ancestors", "rule"), [((), b""), (("https://moodle.example.org",), b" https://moodle.example.org")])
def test_a_site_frames_the_app_where_the_configuration_allows_it(ancestors: tuple[str, ...], rule: bytes) -> None:
    (start,) = answer(Headers(answering, ancestors), {"type": "http", "headers": []})

    headers = dict(start["headers"])
    assert headers[b"content-security-policy"].endswith(b"; frame-ancestors 'self'" + rule)
    assert (b"x-frame-options" in headers) == (not ancestors)
