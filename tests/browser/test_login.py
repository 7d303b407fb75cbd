"""Visitors who log in with a provider: theirs is theirs on every browser, and nobody else's."""

import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from complex_lstm.workspace import VISITORS
from tests.browser.conftest import Arrive
from tests.browser.server import START_UP, Server, free_port, running, wait_until_up
from tests.browser.visitor import Visitor
from tests.oidc_provider import CLIENT, SECRET

pytestmark = pytest.mark.long

CONFIGURED = """
server = {{address = "127.0.0.1", port = {port}}}
workspace = {{folder = "workspace"}}
[login]
metadata = "{provider}/.well-known/openid-configuration"
client_id = "{client}"
client_secret = "{secret}"
name = "the university"
required = true
"""
CODE = "LSTM-2026"
TABLE = b"hour,level\n" + b"".join(b"%d,%d\n" % (row, row % 7) for row in range(200))


@pytest.fixture(scope="module")
def with_login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pytest.importorskip("authlib")
    folder = tmp_path_factory.mktemp("login")
    ports = free_port(), free_port()
    provider, server = f"http://127.0.0.1:{ports[0]}", Server(f"http://127.0.0.1:{ports[1]}", folder / "workspace", folder / "log.txt")
    (folder / "class.toml").write_text(CONFIGURED.format(port=ports[1], provider=provider, client=CLIENT, secret=SECRET))
    (folder / "lesson.toml").write_text(f'code = "{CODE}"\n')
    serve = [sys.executable, "-m", "complex_lstm", "serve", str(folder / "class.toml"), "--class", str(folder / "lesson.toml")]
    with (
        running([sys.executable, "-m", "tests.oidc_provider", str(ports[0])], folder / "provider.txt"),
        running(serve, server.log, OMP_NUM_THREADS="1") as process,
    ):
        wait_until_up(server, process)
        yield server


def log_in(visitor: Visitor, name: str) -> None:
    """Press the button, say at the provider's who one is, and come back."""
    visitor.widget("login_in").get_by_role("button", name="Log in with the university").click()
    expect(visitor.page).to_have_title("Who are you?")
    visitor.page.get_by_role("link", name=name).click()
    visitor.widget("login_out").wait_for()
    visitor.settle()
    visitor.complaints.clear()  # the way to the provider and back


def test_who_logs_in_has_their_own_on_every_browser_and_nobody_elses(arrive: Arrive, with_login: Server) -> None:
    anna = arrive(with_login)
    anna.open("data")
    expect(anna.widget("login_in")).to_be_visible()
    assert anna.page.locator("input[type=file]").count() == 0  # nobody sees a page before
    log_in(anna, "anna")
    expect(anna.page.get_by_text("Logged in as Anna *A*")).to_be_visible()
    anna.open("data")
    anna.upload("data_upload", "annas_meters.csv", TABLE)
    key = anna.carried("data")
    assert len(list((with_login.workspace / VISITORS).iterdir())) == 1

    ben, elsewhere = arrive(with_login), arrive(with_login)
    ben.open()
    log_in(ben, "ben")
    ben.open("data", data=key)
    expect(ben.page.get_by_text("which this installation does not hold").first).to_be_visible()
    assert "annas_meters" not in ben.in_words()
    elsewhere.open()
    log_in(elsewhere, "anna")
    elsewhere.open("data", data=key)
    expect(elsewhere.page.get_by_text("annas_meters.csv").first).to_be_visible()

    elsewhere.widget("login_out").get_by_role("button").click()
    expect(elsewhere.widget("login_in")).to_be_visible()
    elsewhere.complaints.clear()
    assert "annas_meters" not in elsewhere.in_words()
    assert anna.messages == elsewhere.messages == []


def test_a_pupil_of_a_class_is_the_same_at_another_device_by_their_login(arrive: Arrive, with_login: Server) -> None:
    here, elsewhere = arrive(with_login), arrive(with_login)
    here.open()
    log_in(here, "ben")
    for key, text in (("start_join_code", CODE), ("start_join_name", "Ben at school")):
        here.widget(key).get_by_role("textbox").fill(text)
    here.widget("start_join_do").get_by_role("button").click()
    expect(here.page.get_by_text("You are in the class as")).to_contain_text("Ben at school")

    elsewhere.open()
    log_in(elsewhere, "ben")
    expect(elsewhere.page.get_by_text("You are in the class as")).to_contain_text("Ben at school")
    elsewhere.widget("login_out").get_by_role("button").click()
    expect(elsewhere.widget("login_in")).to_be_visible()
    elsewhere.complaints.clear()
    assert "Ben at school" not in elsewhere.in_words()


def test_what_comes_back_from_no_provider_logs_nobody_in(arrive: Arrive, with_login: Server) -> None:
    for path in ("oauth2callback?code=x&state=y", "auth/login?provider=x", "oauth2callback?error=x"):
        with urllib.request.urlopen(f"{with_login.url}/{path}", timeout=START_UP) as answer:
            assert answer.url == f"{with_login.url}/" and "_streamlit_user=" not in str(answer.headers)


def test_the_log_names_nobody(with_login: Server) -> None:
    log = Path(with_login.log).read_text()
    assert "number of anna" not in log and "Ben at school" not in log
