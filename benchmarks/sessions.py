"""A session of a visitor without a browser: it sends and answers on the WebSocket what a browser would, and paints nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileUploaderState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

AGE = 2  # runs for which a browser keeps a message that has not come again (`global.maxCachedMessageAge`)
PATIENCE = 120  # seconds for one answer


@dataclass
class Visitor:
    """One session. `hashes` are those of the messages that a browser would still have, so that they travel as references."""

    socket: ClientConnection
    selection: dict[str, str]
    pages: dict[str, str] = field(default_factory=dict)  # the hash of each page's script, by its address
    page: str = ""
    query: str = ""  # in the address bar
    typed: str = ""  # there by the visitor
    hashes: dict[str, int] = field(default_factory=dict)  # with the run in which each was last seen
    runs: int = 0
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    polls: dict[str, asyncio.Task[None]] = field(default_factory=dict)  # by the fragment that is asked for again and again
    received: int = 0
    errors: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)  # of the widgets that have been shown, by their keys
    values: dict[str, dict[str, Any]] = field(default_factory=dict)  # what has been entered, by the widget's id: a field of WidgetState
    words: list[str] = field(default_factory=list)  # texts that the page has shown since its script began
    links: list[str] = field(default_factory=list)  # what the address bar has carried
    address: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)
    answers: asyncio.Queue[ForwardMsg] = field(default_factory=asyncio.Queue)  # with the addresses to upload to

    async def listen(self) -> None:
        """Take what the server sends until the connection closes."""
        try:
            async for raw in self.socket:
                self.received += len(raw)
                message = ForwardMsg()
                message.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
                self.take(message)
        except ConnectionClosed:
            pass

    def take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if message.metadata.cacheable:
            self.hashes[message.hash] = self.runs
        elif kind == "ref_hash":
            self.hashes[message.ref_hash] = self.runs
        if kind == "navigation":
            self.pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        elif kind in ("page_info_changed", "file_urls_response"):
            self.take_answer(message)
        elif kind == "new_session" and not message.metadata.run.fragment_ids:
            self.stop_polls(list(self.polls))
            self.words.clear()
        elif kind == "auto_rerun":
            self.begin_poll(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            self.stop_polls(message.stop_auto_rerun.fragment_ids)
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self.see(message.delta.new_element)
        elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            self.runs += 1
            self.hashes = {one: run for one, run in self.hashes.items() if self.runs - run <= AGE}
            self.finished.set()

    def see(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        shown = getattr(element, kind) if kind else None
        if kind == "exception":
            self.errors.append(shown.message)
        self.words.append(getattr(shown, "body", ""))
        if "-" in (name := getattr(shown, "id", "")):
            self.ids[name.split("-", 2)[-1]] = name  # $$ID-hash-key

    def take_answer(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "file_urls_response":
            self.answers.put_nowait(message)
        else:
            self.query = message.page_info_changed.query_string
            self.links.append(self.query)

    def begin_poll(self, fragment: str, seconds: float) -> None:
        self.stop_polls([fragment])
        self.polls[fragment] = asyncio.create_task(self.poll(seconds, fragment))

    def stop_polls(self, fragments: Iterable[str]) -> None:
        for fragment in fragments:
            if fragment in self.polls:
                self.polls.pop(fragment).cancel()

    async def poll(self, seconds: float, fragment: str) -> None:
        """Ask for a fragment again and again, as a page with something under way does."""
        while True:
            await asyncio.sleep(seconds)
            await self.send(fragment=fragment)

    async def send(self, *, fragment: str = "", pressed: Mapping[str, dict[str, Any]] | None = None) -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash = self.query, self.pages.get(self.page, "")
        state.page_name = "" if self.pages else self.page  # the first page is asked for by its name
        state.cached_message_hashes.extend(self.hashes)
        if fragment:
            state.fragment_id, state.is_auto_rerun = fragment, True
        for name, value in (self.values | (pressed or {})).items():
            state.widget_states.widgets.add(id=name, **value)
        await self.socket.send(message.SerializeToString())

    async def open(self, page: str, **selection: str) -> float:
        """Open a page, and return the seconds to the end of its answer."""
        self.page, self.query = page, urlencode(self.selection | selection)
        self.typed = self.query
        return await self._answered()

    async def _answered(self, pressed: Mapping[str, dict[str, Any]] | None = None) -> float:
        self.finished.clear()
        start = time.perf_counter()
        await self.send(pressed=pressed)
        await asyncio.wait_for(self.finished.wait(), PATIENCE)
        return time.perf_counter() - start

    def enter(self, key: str, **value: Any) -> None:
        """Enter a value, as a field of WidgetState: it goes along with what is sent next."""
        self.values[self.ids[key]] = value

    async def press(self, key: str) -> None:
        """Press a button, and wait for the end of the answer."""
        await self._answered({self.ids[key]: {"trigger_value": True}})

    async def upload(self, key: str, name: str, content: bytes) -> None:
        """Put a file into a box, and wait for the end of the answer."""
        asked = BackMsg()
        asked.file_urls_request.request_id = name
        asked.file_urls_request.file_names.append(name)
        await self.socket.send(asked.SerializeToString())
        place = (await asyncio.wait_for(self.answers.get(), PATIENCE)).file_urls_response.file_urls[0]
        token = {"X-Xsrftoken": self.cookies["_streamlit_xsrf"]}
        async with httpx.AsyncClient(cookies=dict(self.cookies), headers=token, timeout=PATIENCE) as client:
            (await client.put(f"{self.address}{place.upload_url}", files={"file": (name, content)})).raise_for_status()
        box = FileUploaderState()
        box.uploaded_file_info.add(file_id=place.file_id, name=name, size=len(content), file_urls=place)
        self.enter(key, file_uploader_state_value=box)
        await self._answered()

    async def rest(self) -> None:
        """Wait until nothing is under way on the page any more."""
        quiet = time.monotonic()
        while time.monotonic() - quiet < 1.5:
            await asyncio.sleep(0.2)
            if self.polls:
                quiet = time.monotonic()


async def arrive(address: str, sample: str, cookies: Mapping[str, str] | None = None) -> tuple[Visitor, asyncio.Task[None]]:
    """Return a visitor who has these cookies, and the task that listens for it."""
    carried = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}
    socket = await connect(
        f"{address.replace('http', 'ws', 1)}/_stcore/stream", max_size=None, compression=None, subprotocols=["streamlit"],
        additional_headers=carried,
    )  # type: ignore[list-item]  # fmt: skip
    visitor = Visitor(socket, {"data": sample, "model": sample}, address=address, cookies=cookies or {})
    return visitor, asyncio.create_task(visitor.listen())


@asynccontextmanager
async def visiting(address: str, selection: dict[str, str], cookies: Mapping[str, str]) -> AsyncIterator[Visitor]:
    """Yield a visitor with something selected, until the block ends."""
    visitor, listening = await arrive(address, "", cookies)
    visitor.selection = selection
    yield visitor
    visitor.stop_polls(list(visitor.polls))
    await visitor.socket.close()
    await listening
