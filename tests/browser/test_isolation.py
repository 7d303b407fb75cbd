"""Two browsers on a server that tells visitors apart: every id, path and link that the one can see, the other tries in vain."""

import re
from collections.abc import Iterator
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Request, WebSocket, expect

from complex_lstm.samples import SAMPLES
from complex_lstm.workspace import VISITORS, Workspace
from tests.browser.conftest import Arrive
from tests.browser.server import Server, serving
from tests.browser.visitor import Visitor

NAME, COLUMN = "annas_secret.csv", "secret_level"
CSV = f"hour,{COLUMN}\n".encode() + b"".join(b"%d,%d\n" % (row, row % 7) for row in range(200))
FOLDER = re.compile(r"[0-9a-f]{32}")


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("apart"), COMPLEX_LSTM_VISITORS="cookie") as running:
        yield running


class Watched:
    """What the browser of a visitor asks for: addresses, and the ids of the sessions that it uploads to and would go on with."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.asked = visitor, []
        visitor.page.on("request", self._hear)

    def _hear(self, request: Request) -> None:
        self.asked.append((request.method, request.url))

    def paths(self, part: str) -> list[tuple[str, str]]:
        return [(method, path) for method, url in self.asked if (path := urlparse(url).path).startswith(part)]


@pytest.mark.long
def test_what_one_sees_the_other_tries_in_vain(arrive: Arrive, apart: Server) -> None:
    anna, ben = arrive(apart), arrive(apart)
    seen = Watched(anna)

    anna.open()
    anna.upload("start_upload_data", NAME, CSV)
    expect(anna.page.get_by_text(f"{NAME}: 200 rows")).to_be_visible()
    key = anna.carried("data")
    anna.turn_to("Data")
    expect(anna.widget("data_recipe")).to_be_visible()
    link = anna.page.url
    with anna.page.expect_download() as download:
        anna.page.get_by_text("Recipe: how this file is read").click()
        anna.widget("data_recipe_download").get_by_role("button").click()
    assert COLUMN in download.value.path().read_text()
    cookie = next(one for one in anna.page.context.cookies() if one["name"] == "complex_lstm_visitor")
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax" and "complex_lstm_visitor" not in anna.page.evaluate("document.cookie")

    ben.open()
    here = [path.name for path in (apart.workspace / VISITORS).iterdir()]
    assert len(here) == 1 and FOLDER.fullmatch(here[0]) and here[0] not in cookie["value"]
    assert (apart.workspace / "secret").stat().st_mode & 0o077 == 0

    for page in ("", "data", "train", "explain", "experiment", "check", "tour"):
        for selection in ({"data": key}, {"data": key, "model": key, "setup": key, "run": here[0]}):
            ben.open(page, **selection)
            expect(ben.page.get_by_role("heading", level=1)).to_be_visible()
            ben.settle()
            _sees_nothing_of_anna(ben)
    ben.page.goto(link)
    ben.settle()
    expect(ben.page.get_by_text("which this installation does not hold").first).to_be_visible()
    _sees_nothing_of_anna(ben)

    media, uploads = seen.paths("/media/"), seen.paths("/_stcore/upload_file/")
    assert media and uploads
    for method, path in (*media, *uploads):
        assert _status(anna, "GET" if method == "GET" else "OPTIONS", path) < 400
        for how in {method, "GET", "PUT", "DELETE"} - ({"PUT", "DELETE"} if "/media/" in path else {"GET"}):
            assert _status(ben, how, path) == 404, (how, path)

    for path in (f"/app/static/../{VISITORS}/{here[0]}/data/{key}/content.csv", f"/media/../{VISITORS}/{here[0]}/data/{key}/content.csv",
                 f"/{VISITORS}/{here[0]}/data/{key}/content.csv", "/secret", "/media/..%2f..%2fsecret"):  # fmt: skip
        assert COLUMN not in ben.page.request.get(f"{apart.url}{path}").text()

    _goes_on_with_no_session_of(uploads[0][1].split("/upload_file/")[1].split("/")[0], ben)
    kept = Workspace(apart.workspace / VISITORS / here[0]).find("data", key)
    assert kept.path.read_bytes() == CSV and kept.name == NAME
    anna.reload()
    expect(anna.page.get_by_text(NAME).first).to_be_visible()


def _sees_nothing_of_anna(ben: Visitor) -> None:
    words = ben.in_words()
    assert NAME not in words and COLUMN not in words and "annas" not in ben.page.content()


def _status(visitor: Visitor, method: str, path: str) -> int:
    return int(visitor.page.request.fetch(f"{visitor.url}{path}", method=method, max_redirects=0).status)


def _goes_on_with_no_session_of(session: str, ben: Visitor) -> None:
    """Ask for another's session, as a page does that comes back: a new one begins, which has nothing open."""
    opened: list[WebSocket] = []
    ben.page.on("websocket", lambda one: opened.append(one))
    ben.page.add_init_script(f"""
        const Plain = window.WebSocket;
        window.WebSocket = class extends Plain {{
            constructor(url, words) {{ super(url, [words[0], words[1] || "none", "{session}"]); }}
        }};
    """)
    ben.open("data")
    assert opened
    expect(ben.page.get_by_text("Nothing is open yet").or_(ben.page.get_by_test_id("stFileUploader")).first).to_be_visible()
    _sees_nothing_of_anna(ben)


def go_to(visitor: Visitor, title: str) -> None:
    """Click a page's link in the sidebar, where the page may show nothing, not even its title."""
    visitor.settle()
    visitor.page.get_by_test_id("stSidebarNavLink").get_by_text(title, exact=True).click()


@pytest.mark.long
def test_a_view_is_shared_to_be_looked_at_and_taken_back(arrive: Arrive, apart: Server) -> None:
    anna, ben = arrive(apart), arrive(apart)
    planted = SAMPLES["planted_order"].csv.read_bytes()
    keys = {}
    for name, more in (("kept_back.csv", b"\n\n"), ("for_ben.csv", b"\n")):
        anna.open()
        anna.upload("start_upload_data", name, planted + more)
        expect(anna.page.get_by_text(f"{name}: ")).to_be_visible()
        keys[name] = anna.carried("data")
    other, key = keys.values()
    anna.open("explain", data=key, model="planted_order", window=3)
    anna.see_view("explain")

    anna.widget("lesson_offer").get_by_role("button").first.click()
    anna.widget("share_make").get_by_role("button").click()
    address = anna.page.locator("code").filter(has_text="share=")
    expect(address).to_be_visible()
    link = address.inner_text()
    assert key not in link and "share" in link

    # The link shows this view and nothing else, whatever stands beside it, and leaves nothing in Ben's workspace.
    ben.page.goto(f"{link}&data={other}&window=7")
    expect(ben.widget("share_head")).to_contain_text(re.compile(r"Shared with you, to look at: .*for_ben.*window 3 \("))
    ben.see_view("explain")
    assert "kept_back" not in ben.in_words() and not {"data", "model", "window"} & ben.link.keys()
    assert ben.page.locator(".st-key-bar_data, .st-key-bar_window, .st-key-share_make").count() == 0
    go_to(ben, "Data")
    expect(ben.page.get_by_text("one view of somebody else's")).to_be_visible()
    ben.turn_to("Explain")
    ben.see_view("explain")
    stranger = arrive(apart)
    for more, answer in (({}, "which this installation does not hold"), ({"share": "x" * 32}, "it was not one that was made here")):
        stranger.open("explain", data=key, model="planted_order", **more)
        expect(stranger.page.get_by_text(answer).first).to_be_visible()
        assert "for_ben" not in stranger.in_words()

    # Anna takes it back: Ben's page says so at the next click, and so does the link.
    anna.open()
    anna.widget("start_kept").locator("summary").click()
    anna.pick("start_shares_chosen", re.compile("for_ben"))
    anna.widget("start_shares_take").get_by_role("button").click()
    expect(anna.widget("start_shares_table")).to_have_count(0)
    taken_back = "This link shows nothing: it was taken back by whoever shared it."
    go_to(ben, "Check")
    expect(ben.page.get_by_text(taken_back)).to_be_visible()
    ben.page.goto(link)
    expect(ben.page.get_by_text(taken_back)).to_be_visible()
    assert "for_ben" not in ben.in_words()
    ben.widget("share_leave").get_by_role("button").click()
    expect(ben.page.get_by_text(taken_back)).to_have_count(0)
    ben.see_no_selection()
