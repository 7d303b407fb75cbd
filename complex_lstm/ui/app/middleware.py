"""What the server does with a request before Streamlit sees it, and with the answer after: old addresses, headers, the page."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from complex_lstm.ui.app.addresses import MOVED, todays_address

START = "start"  # the page at the root, which has no address of its own
ADDRESS = re.compile(rf"^(?P<base>.*)/(?P<stem>{'|'.join(MOVED)}|{START})/?$")

# Told where the server's root is, Streamlit does not look for it below the page's address first, which left two errors in the console.
ROOT = """<script>
(root => { window.__streamlit = { BACKEND_BASE_URL: root, MAIN_PAGE_BASE_URL: root }; })(location.origin + "@PATH@");
</script>
"""
# Streamlit writes a new entry into the browser's history for every change of the selection, so that Back would walk through single
# clicks; here it leaves the page, or what a page shows large (`focus`).
# Escape closes an open list, and would go on to the button that has it as its shortcut, which leaves what is shown large: it stops
# above the widget, which has closed its list by then.
SHELL = """<script>
(() => {
  const push = history.pushState.bind(history);
  const place = (url) => `${url.pathname} ${url.searchParams.get("focus") ?? ""}`;
  history.pushState = (state, title, address) =>
    place(new URL(address ?? location.href, location.href)) === place(new URL(location.href))
      ? history.replaceState(state, title, address)
      : push(state, title, address);

  let closesList = false;
  const look = (event) => { closesList = event.key === "Escape" && !!document.querySelector("[role=listbox]"); };
  window.addEventListener("keydown", look, true);
  document.body.addEventListener("keydown", (event) => closesList && event.stopPropagation());
})();
</script>
"""


class Addresses:
    """ASGI middleware: addresses of version 0.1 lead to today's page with the view kept, and the start's name to the start."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and (found := ADDRESS.match(path)) and scope["method"] in ("GET", "HEAD"):
            stem, parameters = todays_address(found["stem"], dict(parse_qsl(scope["query_string"].decode("latin-1"))))
            query = f"?{urlencode(parameters)}" if parameters else ""
            location = f"{found['base']}/{'' if stem == START else stem}{query}".encode("latin-1")
            await send({"type": "http.response.start", "status": 307, "headers": [(b"location", location), (b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            return
        await self.app(scope, receive, send)


class Headers:
    """ASGI middleware: browsers do not guess content types, do not pass links on as referrers, and frame the app only in its own pages."""

    ADDED = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"), (b"x-frame-options", b"SAMEORIGIN"))

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        async def send_with_headers(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = message | {"headers": [*message.get("headers", []), *self.ADDED]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Shell:
    """ASGI middleware: the page that loads the app gets a history in which Back leaves a page, and the server's root.

    `base` is the path that the app is served under, "/" without one.
    """

    def __init__(self, app: Any, base: str = "") -> None:
        self.app = app
        self.head = ROOT.replace("@PATH@", "/" + base.strip("/")).encode()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or "/static/" in scope["path"] or "/_stcore/" in scope["path"]:
            await self.app(scope, receive, send)
            return
        started: dict[str, Any] = {}
        body = b""

        async def send_with_shell(message: dict[str, Any]) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                started.update(message)
                if not _is_page(message):
                    await send(message)
                return
            if not _is_page(started):
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            made = re.sub(rb"<head[^>]*>", lambda found: found.group() + self.head, body, count=1)
            made = re.sub(rb"<body[^>]*>", lambda found: found.group() + SHELL.encode(), made, count=1)
            kept = [
                (name, value) for name, value in started["headers"] if name.lower() not in (b"content-length", b"etag", b"last-modified")
            ]
            await send(started | {"headers": [*kept, (b"content-length", str(len(made)).encode())]})
            await send({"type": "http.response.body", "body": made})

        plain = [
            (name, value)
            for name, value in scope["headers"]
            if name.lower() not in (b"accept-encoding", b"if-none-match", b"if-modified-since")
        ]
        await self.app(scope | {"headers": plain} if _asks_for_page(scope) else scope, receive, send_with_shell)


def _is_page(start: dict[str, Any]) -> bool:
    return start.get("status") == 200 and any(
        name.lower() == b"content-type" and b"text/html" in value for name, value in start.get("headers", [])
    )


def _asks_for_page(scope: dict[str, Any]) -> bool:
    """Return whether the browser asks for a page, which is rewritten and so must come uncompressed and whole."""
    return any(name.lower() == b"accept" and b"text/html" in value for name, value in scope["headers"])
