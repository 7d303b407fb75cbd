"""What a visitor's browser may ask of the server, where visitors are told apart: only what belongs to its cookie.

The pages themselves open nothing but the visitor's own workspace. Beside them Streamlit answers by ids that stand in addresses: of a
session that comes back, of a file that is uploaded to one, and of a file that is downloaded. Here each is asked whose it is.
"""

from __future__ import annotations

import os
import re
from typing import Any, cast

from starlette.requests import HTTPConnection
from streamlit import runtime
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from complex_lstm.config.serving import served
from complex_lstm.ui.compute.login import owner_in
from complex_lstm.ui.compute.visitor import forget_sessions, owner_of_file, owner_of_session
from complex_lstm.visitors import COOKIE, KEPT_FOR, are_apart, new_cookie, read_cookie

UPLOAD = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/.*", re.DOTALL)
MEDIA = re.compile(r"/media/(?P<file>.*)", re.DOTALL)
PROTOCOL = b"sec-websocket-protocol"  # Streamlit's pages send in it the id of the session that they had before


class Gate:
    """ASGI middleware: it gives each browser its cookie, and refuses what belongs to another's. Alone it does nothing.

    `base` is the path that the app is served under.
    """

    def __init__(self, app: Any, base: str = "") -> None:
        self.app, self.path = app, "/" + base.strip("/")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket") or not are_apart():
            await self.app(scope, receive, send)
            return
        owner = _owner(scope)
        if scope["type"] == "websocket":
            await self.app(scope | {"headers": [_without_foreign_session(pair, owner) for pair in scope["headers"]]}, receive, send)
        elif not _may_ask(scope["path"].removeprefix(self.path.rstrip("/")), owner):
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
        elif _asks_for_page(scope):
            await self.app(scope, receive, self._with_cookie(scope, send))
        else:
            await self.app(scope, receive, send)

    def _with_cookie(self, scope: dict[str, Any], send: Any) -> Any:
        """Return what sends an answer with the visitor's cookie, a new one where there is none, and has nobody store the answer."""
        value = _cookie(scope) if read_cookie(_cookie(scope)) else new_cookie()
        cookie = f"{COOKIE}={value}; Path={self.path}; Max-Age={KEPT_FOR}; HttpOnly; {_where_sent(scope)}"

        async def send_with_cookie(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                others = [pair for pair in message["headers"] if pair[0].lower() != b"cache-control"]
                message = message | {"headers": [*others, (b"set-cookie", cookie.encode()), (b"cache-control", b"no-store")]}
            await send(message)

        return send_with_cookie


def _owner(scope: dict[str, Any]) -> str:
    return owner_in(HTTPConnection(scope).cookies)


def _cookie(scope: dict[str, Any]) -> str:
    return HTTPConnection(scope).cookies.get(COOKIE, "")


def _where_sent(scope: dict[str, Any]) -> str:
    """Return the attributes that say to whom a browser sends the cookie: in the frames of other sites only where those are allowed."""
    told = served()
    if scope["scheme"] != "https" and not (told and told.server.scheme == "https"):
        return "SameSite=Lax"
    return "SameSite=None; Secure; Partitioned" if told and told.server.frame_ancestors else "SameSite=Lax; Secure"


def _asks_for_page(scope: dict[str, Any]) -> bool:
    return scope["method"] == "GET" and any(name.lower() == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _without_foreign_session(pair: tuple[bytes, bytes], owner: str) -> tuple[bytes, bytes]:
    """Return a header without the session to go on with, where that is another visitor's: a new session begins instead."""
    words = pair[1].split(b",") if pair[0].lower() == PROTOCOL else []
    if len(words) < 3 or (owner and owner_of_session(words[2].strip().decode("latin-1")) == owner):
        return pair
    return pair[0], b",".join(words[:2])


def _may_ask(path: str, owner: str) -> bool:
    """Return whether a visitor may ask for a path below the base. A file that is downloaded, and a session, are its owner's alone."""
    if found := UPLOAD.fullmatch(path):
        return bool(owner) and owner_of_session(found["session"]) == owner
    if found := MEDIA.fullmatch(path):
        return owner in MEDIA_OWNERS.get(os.path.splitext(found["file"])[0], ())
    return True


MEDIA_OWNERS: dict[str, frozenset[str]] = {}  # by the id of a file that Streamlit serves, those whose pages have made it


def watch_media() -> None:
    """Have Streamlit's store of files record whose each is. Two visitors who download the same bytes are both owners."""
    storage = cast(Any, runtime.get_instance().media_file_mgr)._storage
    assert isinstance(storage, MemoryMediaFileStorage)
    load, delete = storage.load_and_get_id, storage.delete_file

    def load_and_record(*args: Any, **options: Any) -> str:
        file = load(*args, **options)
        if owner := owner_of_file():
            MEDIA_OWNERS[file] = MEDIA_OWNERS.get(file, frozenset()) | {owner}
        return file

    def delete_and_forget(file_id: str) -> None:
        delete(file_id)
        MEDIA_OWNERS.pop(file_id, None)

    storage.load_and_get_id, storage.delete_file = load_and_record, delete_and_forget  # type: ignore[method-assign]


def forget_departed_visitors() -> None:
    """Forget whose the sessions were that the server has dropped."""
    manager = runtime.get_instance()._session_mgr
    forget_sessions(lambda session: manager.get_session_info(session) is not None)
