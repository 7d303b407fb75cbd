"""What the server tells a browser, and whom it does not answer."""

import base64
import hashlib
import http.client
import re
import urllib.error
import urllib.request

import pytest

from tests.browser.server import START_UP, Server


def test_browsers_guess_no_content_type_and_frame_nothing(server: Server) -> None:
    with urllib.request.urlopen(server.url, timeout=START_UP) as answer:
        headers = answer.headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_a_page_runs_its_own_scripts_and_the_servers_and_loads_nothing_from_elsewhere(server: Server) -> None:
    """Whoever gets a script into a name, a cell or a report must not get it run."""
    with urllib.request.urlopen(server.url, timeout=START_UP) as answer:
        page, policy = answer.read(), rules(answer.headers["Content-Security-Policy"])
    with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=START_UP) as answer:
        elsewhere = rules(answer.headers["Content-Security-Policy"])

    inline = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in inline]
    assert len(hashes) == 3 and policy.pop("script-src") == ["'self'", "blob:", "'unsafe-eval'", *hashes]
    assert elsewhere.pop("script-src") == ["'self'", "blob:", "'unsafe-eval'"]
    assert policy == elsewhere == {
        "default-src": ["'self'"], "style-src": ["'self'", "'unsafe-inline'"], "img-src": ["'self'", "blob:", "data:"],
        "font-src": ["'self'", "data:"], "worker-src": ["'self'", "blob:"], "object-src": ["'none'"], "base-uri": ["'self'"],
        "form-action": ["'self'"], "frame-ancestors": ["'self'"],
    }  # fmt: skip


def rules(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (rule.split() for rule in policy.split(";"))}


def handshake(server: Server, *, host: str, origin: str = "") -> int:
    """Ask for the connection that carries all of a visitor's data, and return the answer's status."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=START_UP)
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    }
    connection.request("GET", "/_stcore/stream", headers=upgrade | {"Host": host} | ({"Origin": origin} if origin else {}))
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_foreign_host_gets_no_session(server: Server) -> None:
    """Without server.allowedHosts a page on another site reaches the app under a name of its own that leads to 127.0.0.1."""
    own = server.url.removeprefix("http://")

    assert handshake(server, host=own) == 101
    assert handshake(server, host="evil.example") >= 400
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(urllib.request.Request(server.url, headers={"Host": "evil.example"}), timeout=START_UP)


def test_only_the_apps_own_pages_open_a_session(server: Server) -> None:
    """Streamlit lets a page of any port of this machine do so, which may be anybody's on a machine of several users."""
    own = server.url.removeprefix("http://")
    port = int(own.rpartition(":")[2])

    assert handshake(server, host=own, origin=f"http://{own}") == 101
    foreign = [
        f"http://127.0.0.1:{port + 1}",
        f"http://localhost:{port}",
        f"https://{own}",
        "http://127.0.0.1",
        "null",
        f"http://{own}.evil.example",
    ]
    assert {origin: handshake(server, host=own, origin=origin) for origin in foreign} == dict.fromkeys(foreign, 403)


def test_the_server_is_bound_to_this_machine_and_sends_no_statistics(server: Server) -> None:
    log = server.log.read_text()

    assert "URL: http://127.0.0.1" in log
    assert "External URL" not in log and "Collecting usage statistics" not in log


def test_an_old_address_is_redirected_with_its_view(server: Server) -> None:
    with urllib.request.urlopen(f"{server.url}/attention?data=nyc_weather&layer=1", timeout=START_UP) as answer:
        assert answer.url == f"{server.url}/explain?data=nyc_weather&layer=1&focus=attention"


def test_the_page_says_where_the_root_of_the_server_is(server: Server) -> None:
    request = urllib.request.Request(f"{server.url}/explain", headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=START_UP) as answer:
        page = answer.read().decode()

    assert page.index("BACKEND_BASE_URL: root") < page.index('type="module"')
