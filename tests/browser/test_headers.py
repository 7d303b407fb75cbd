"""What the server tells a browser, and whom it does not answer."""

import urllib.error
import urllib.request

import pytest

from tests.browser.server import Server


def test_browsers_guess_no_content_type_and_frame_nothing(server: Server) -> None:
    with urllib.request.urlopen(server.url, timeout=10) as answer:
        headers = answer.headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_a_foreign_host_is_refused(server: Server) -> None:
    """Without server.allowedHosts a page on another site could reach the app under a name that leads to 127.0.0.1."""
    foreign = urllib.request.Request(f"{server.url}/_stcore/host-config", headers={"Host": "evil.example"})

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(foreign, timeout=10)

    assert 400 <= refused.value.code < 500
    refused.value.close()


def test_the_server_is_bound_to_this_machine_and_sends_no_statistics(server: Server) -> None:
    log = server.log.read_text()

    assert "URL: http://127.0.0.1" in log
    assert "External URL" not in log and "Collecting usage statistics" not in log
