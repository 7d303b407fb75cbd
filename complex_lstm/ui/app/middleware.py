"""What the server does with a request before Streamlit sees it, and with the answer after: old addresses, headers, the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from complex_lstm.config.serving import DEFAULT_PORTS
from complex_lstm.ui.app.addresses import MOVED, todays_address
from complex_lstm.ui.app.policy import content_policy

POLICY = b"content-security-policy"
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
# Streamlit connects again by itself when the server is back. Where the session is gone (another process, or two minutes away) it then
# waits for a click, which runs the page without its link: the page is loaded again instead, and its link brings the view back.
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

  const root = window.__streamlit.BACKEND_BASE_URL.replace(/[/]$/, "");
  window.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols);
      const session = Array.isArray(protocols) && protocols[2];
      const ask = () => fetch(`${root}/session`, { headers: { "X-Session": session } }).then((answer) => answer.text());
      if (session) this.addEventListener("open", async () => (await ask()) === "gone" && location.reload());
    }
  };
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
    """ASGI middleware: browsers do not guess content types, do not pass links on as referrers, and load nothing from elsewhere.

    `ancestors` are the origins whose pages may show the app in a frame, beside its own.
    """

    ADDED = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))

    def __init__(self, app: Any, ancestors: Sequence[str] = ()) -> None:
        self.app = app
        # The older header knows no list of origins, so that it stands only where nobody else may frame the app.
        framed = () if ancestors else ((b"x-frame-options", b"SAMEORIGIN"),)
        self.added = (*self.ADDED, *framed)
        self.policy = (POLICY, content_policy(ancestors=ancestors))

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        async def send_with_headers(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                given = [_for_frames(pair) for pair in message.get("headers", [])]
                policy = [] if any(name == POLICY for name, _ in given) else [self.policy]
                message = message | {"headers": [*given, *self.added, *policy]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _for_frames(pair: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return a header, where it is Streamlit's cookie for the frames of other sites as one that each site has of its own.

    Uploads need it, and browsers keep no other cookie there.
    """
    is_framed = pair[0].lower() == b"set-cookie" and pair[1].startswith(b"_streamlit_xsrf=") and b"SameSite=None" in pair[1]
    return (pair[0], pair[1] + b"; Partitioned") if is_framed else pair


class OwnOrigin:
    """ASGI middleware: only the app's own pages open its WebSocket, which carries all of a visitor's data.

    Streamlit admits pages of every port of this machine, and to find out more asks a server on the web for the machine's address.
    `scheme` is what visitors come by; `others` are further origins that the operator has allowed (server.corsAllowedOrigins). Programs
    that are no browsers send no origin.
    """

    def __init__(self, app: Any, scheme: str, others: Sequence[str] = ()) -> None:
        self.app, self.scheme, self.others = app, scheme, {one.rstrip("/").lower() for one in others}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            headers = dict(scope["headers"])
            origin, own = headers.get(b"origin", b"").decode("latin-1").lower(), headers.get(b"host", b"").decode("latin-1").lower()
            if origin and origin not in self.others and not self._is_own(origin, own):
                await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the browser gets the status 403
                return
        await self.app(scope, receive, send)

    def _is_own(self, origin: str, host: str) -> bool:
        default = f":{DEFAULT_PORTS[self.scheme]}"
        return origin.removesuffix(default) == f"{self.scheme}://{host.removesuffix(default)}"


class Shell:
    """ASGI middleware: the page that loads the app gets a history in which Back leaves a page, and the server's root.

    Its scripts are named in the Content-Security-Policy. `base` is the path that the app is served under, "/" without one, `ancestors`
    the origins whose pages may frame it.
    """

    def __init__(self, app: Any, base: str = "", ancestors: Sequence[str] = ()) -> None:
        self.app, self.ancestors = app, ancestors
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
            added = [(b"content-length", str(len(made)).encode()), (POLICY, content_policy(made, self.ancestors))]
            await send(started | {"headers": [*kept, *added]})
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
