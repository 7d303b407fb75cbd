"""What the server tells a browser, and whom it does not answer."""

import http.client
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


def handshake(server: Server, *, host: str) -> int:
    """Ask for the connection that carries all of a visitor's data, and return the answer's status."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=START_UP)
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    }
    connection.request("GET", "/_stcore/stream", headers=upgrade | {"Host": host})
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
