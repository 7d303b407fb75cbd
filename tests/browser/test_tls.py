"""The server speaks TLS itself, by a certificate: its cookie is then kept for https, also in a frame, and its pages' connection opens."""

import datetime
import ipaddress
import ssl
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, expect
from websockets.sync.client import connect

from complex_lstm.workspace import VISITORS, Workspace
from tests.browser.framing import ELSEWHERE, MOODLE, framed
from tests.browser.server import START_UP, Server, free_port, running, wait_until_up

pytestmark = pytest.mark.long

CONFIGURED = """
workspace = {{folder = "workspace"}}
[server]
address = "127.0.0.1"
port = {port}
certificate = "chain.pem"
key = "key.pem"
frame_ancestors = ["{moodle}"]
"""


def make_certificate(folder: Path) -> None:
    """Write a certificate of this machine that it has signed itself, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "chain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, ssl.SSLContext]]:
    """A server with a certificate, and what trusts that certificate alone."""
    folder, port = tmp_path_factory.mktemp("tls"), free_port()
    make_certificate(folder)
    (folder / "class.toml").write_text(CONFIGURED.format(port=port, moodle=MOODLE))
    server = Server(f"https://127.0.0.1:{port}", folder / "workspace", folder / "log.txt")
    trusting = ssl.create_default_context(cafile=str(folder / "chain.pem"))
    with running([sys.executable, "-m", "complex_lstm", "serve", str(folder / "class.toml")], server.log, OMP_NUM_THREADS="1") as process:
        wait_until_up(server, process, trusting)
        yield server, trusting


def test_a_certificate_makes_the_server_speak_tls(secured: tuple[Server, ssl.SSLContext]) -> None:
    server, trusting = secured
    asked = urllib.request.Request(server.url, headers={"Accept": "text/html"})

    with urllib.request.urlopen(asked, timeout=START_UP, context=trusting) as answer:
        cookie = next(value for name, value in answer.headers.items() if value.startswith("complex_lstm_visitor="))

    assert cookie.endswith("; HttpOnly; SameSite=None; Secure; Partitioned")
    assert f"  The dashboard is open at {server.url}/" in server.log.read_text().splitlines()
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(server.url, timeout=START_UP, context=ssl.create_default_context())
    with pytest.raises(OSError):  # noqa: PT011  # no HTTP is spoken here
        urllib.request.urlopen(server.url.replace("https", "http"), timeout=START_UP)


def test_the_connection_of_a_page_opens_by_tls_and_from_its_own_origin_alone(secured: tuple[Server, ssl.SSLContext]) -> None:
    server, trusting = secured
    place = f"{server.url.replace('https', 'wss')}/_stcore/stream"

    with connect(place, ssl=trusting, origin=server.url, subprotocols=["streamlit"], open_timeout=START_UP) as socket:  # type: ignore[arg-type, list-item]
        assert socket.subprotocol == "streamlit"
    for other in (server.url.replace("https", "http"), "https://127.0.0.1:1"):
        with pytest.raises(Exception, match="403"):
            connect(place, ssl=trusting, origin=other, subprotocols=["streamlit"], open_timeout=START_UP)  # type: ignore[arg-type, list-item]


def test_a_site_that_is_allowed_shows_it_in_a_frame_with_a_workspace_of_its_own(
    browser: Browser, secured: tuple[Server, ssl.SSLContext]
) -> None:
    server, _ = secured
    with framed(browser, server, MOODLE) as page:
        frame = page.frame_locator("iframe")
        file = {
            "name": "course.csv",
            "mimeType": "text/csv",
            "buffer": b"hour,level\n" + b"".join(b"%d,%d\n" % (n, n % 7) for n in range(200)),
        }
        frame.locator(".st-key-data_upload input[type=file]").set_input_files(file)  # type: ignore[arg-type]  # a dict is a FilePayload
        expect(frame.locator(".st-key-data_recipe").first).to_be_visible()
        (cookie,) = [one for one in page.context.cookies() if one["name"] == "complex_lstm_visitor"]
        assert cookie["partitionKey"] == "https://example.org"  # kept for that site, and for no other
        (own,) = (server.workspace / VISITORS).iterdir()
        (kept,) = Workspace(own).all("data")

        page.reload()
        page.frames[1].goto(f"{server.url}/data?data={kept.key}")
        expect(frame.get_by_text("course.csv").first).to_be_visible()

        outside = page.context.new_page()  # the same browser, which has another workspace there
        outside.goto(f"{server.url}/data?data={kept.key}")
        expect(outside.get_by_text("which this installation does not hold").first).to_be_visible()


def test_a_site_that_is_not_allowed_shows_an_empty_frame(browser: Browser, secured: tuple[Server, ssl.SSLContext]) -> None:
    server, _ = secured
    with framed(browser, server, ELSEWHERE) as page:
        with page.expect_console_message(lambda told: "frame-ancestors" in told.text):
            page.reload()
        inside = page.frames[1]
        inside.wait_for_load_state()

        assert inside.url == "chrome-error://chromewebdata/" and inside.locator("[data-testid=stApp]").count() == 0
