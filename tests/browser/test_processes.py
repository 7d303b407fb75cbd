"""Several processes behind a proxy share one workspace: one is killed, and its visitor goes on with the other."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Arrive
from tests.browser.framing import MOODLE, framed
from tests.browser.server import ROOT, START_UP, Server, free_port, running, wait_until_up
from tests.browser.visitor import PATIENCE, Visitor

pytestmark = pytest.mark.long

TABLE = "\n".join(["when,load,air", *(f"2024-03-{1 + n // 24:02} {n % 24:02}:00,{n % 7},{n % 5}.5" for n in range(240))]).encode()
CONFIGURED = """
[server]
address = "127.0.0.1"
outside = "{url}"
frame_ancestors = ["https://moodle.example.org"]
[workspace]
folder = "workspace"
[log]
format = "json"
"""


def haproxy(folder: Path, port: int, ports: list[int]) -> tuple[list[str], dict[str, str]]:
    places = {"BIND": f"127.0.0.1:{port}", "ONE": f"127.0.0.1:{ports[0]}", "TWO": f"127.0.0.1:{ports[1]}"}
    return ["haproxy", "-f", str(ROOT / "deploy" / "haproxy.cfg")], places


def nginx(folder: Path, port: int, ports: list[int]) -> tuple[list[str], dict[str, str]]:
    ours = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8").replace("listen 80;", f"listen 127.0.0.1:{port};")
    for before, after in zip(("8501", "8502"), ports, strict=True):
        ours = ours.replace(before, str(after))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in kinds)
    user = "" if os.geteuid() else "user root; "  # else its workers are nobody, who may not write what a slow browser leaves waiting
    top = f"daemon off; {user}pid {folder}/pid; error_log stderr; events {{}}\n"
    (folder / "nginx.conf").write_text(f"{top}http {{ access_log off; {temporary}\n{ours} }}", encoding="utf-8")
    return ["nginx", "-c", str(folder / "nginx.conf")], {}


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Server, subprocess.Popen[bytes]]]]:
    """Three processes of one configuration, of which a proxy stands before two: each of two tests kills one."""
    folder = tmp_path_factory.mktemp("processes")
    (folder / "class.toml").write_text(CONFIGURED.format(url="http://class.example.org"))
    with ExitStack() as stack:
        started = {}
        for name in ("one", "two", "three"):
            port = free_port()
            command = [sys.executable, "-m", "complex_lstm", "serve", str(folder / "class.toml"), "--port", str(port)]
            server = Server(f"http://127.0.0.1:{port}", folder / "workspace", folder / f"{name}.txt")
            started[name] = server, stack.enter_context(running(command, server.log, OMP_NUM_THREADS="1"))
        for server, process in started.values():
            wait_until_up(server, process)
        yield started


@contextmanager
def proxied(kind: str, folder: Path, servers: list[Server]) -> Iterator[Server]:
    if not shutil.which(kind, path=f"{os.environ['PATH']}:/usr/sbin"):
        pytest.skip(f"There is no {kind}.")
    port = free_port()
    command, environment = {"haproxy": haproxy, "nginx": nginx}[kind](folder, port, [int(one.url.rpartition(":")[2]) for one in servers])
    proxy = Server(f"http://127.0.0.1:{port}", folder, folder / f"{kind}.txt")
    with running(command, proxy.log, PATH=f"{os.environ['PATH']}:/usr/sbin", **environment) as process:
        wait_until_up(proxy, process)
        yield proxy


def process_of(visitor: Visitor) -> str:
    return next(str(one["value"]) for one in visitor.page.context.cookies() if one["name"] == "process")


def test_what_the_configuration_says_holds(processes: dict[str, tuple[Server, subprocess.Popen[bytes]]]) -> None:
    server, _ = processes["one"]
    with urllib.request.urlopen(server.url, timeout=START_UP) as answer:
        headers = answer.headers

    assert headers["Content-Security-Policy"].endswith("frame-ancestors 'self' https://moodle.example.org")
    assert headers["X-Frame-Options"] is None
    lines = server.log.read_text().splitlines()
    assert "  The dashboard is open at http://class.example.org/" in lines
    assert not [line for line in lines if line.strip() and not line.startswith(("  ", "{"))]
    asked = urllib.request.Request(f"{server.url}/healthz", headers={"Host": "class.example.org"})
    while not (told := json.load(urllib.request.urlopen(asked, timeout=START_UP)))["queue"]["processes"]:
        time.sleep(0.1)  # they begin when they are first asked about
    assert told["memory"]["processes_bytes"] > 0


def test_without_tls_a_frame_of_another_site_says_that_it_got_no_cookie(
    browser: Browser, processes: dict[str, tuple[Server, subprocess.Popen[bytes]]]
) -> None:
    with framed(browser, processes["one"][0], MOODLE) as page:
        expect(page.frame_locator("iframe").get_by_text("Your browser sent no cookie")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
def test_a_proxy_keeps_what_is_measured_to_itself(
    kind: str, tmp_path: Path, processes: dict[str, tuple[Server, subprocess.Popen[bytes]]]
) -> None:
    with proxied(kind, tmp_path, [server for server, _ in processes.values()][:2]) as proxy:
        for path in ("metrics", "healthz"):
            with pytest.raises(urllib.error.HTTPError, match="403"):
                urllib.request.urlopen(f"{proxy.url}/{path}", timeout=START_UP)


@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
def test_a_visitor_goes_on_when_their_process_is_killed(
    kind: str, arrive: Arrive, tmp_path: Path, processes: dict[str, tuple[Server, subprocess.Popen[bytes]]]
) -> None:
    """It kills a process, so that it is the last test here."""
    alive = [one for one in processes.values() if one[1].poll() is None][:2]
    with proxied(kind, tmp_path, [server for server, _ in alive]) as proxy:
        visitor = arrive(proxy)
        visitor.open("data")
        visitor.upload("data_upload", "meters.csv", TABLE)
        data, before = visitor.carried("data"), process_of(visitor)
        visitor.settle()

        with visitor.page.expect_event("load"):  # the page comes back by its link
            assert visitor.complaints == []
            alive[("one", "two").index(before)][1].kill()
        visitor.settle()
        visitor.complaints.clear()  # the browser's, of what the process was still sending
        visitor.turn_to("Train")

        visitor.see_link(data=data)
        assert process_of(visitor) != before
        visitor.page.get_by_text(re.compile("meters")).first.wait_for()
        assert visitor.messages == []
        visitor.page.wait_for_load_state("networkidle")  # before the proxy ends
