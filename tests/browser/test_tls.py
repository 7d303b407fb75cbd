"""The server speaks TLS itself, by a certificate: its cookie is then kept for https, and its pages' connection opens."""

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
from websockets.sync.client import connect

from tests.browser.server import START_UP, Server, free_port, running, wait_until_up

pytestmark = pytest.mark.long

CONFIGURED = """
server = {{address = "127.0.0.1", port = {port}, certificate = "chain.pem", key = "key.pem"}}
workspace = {{folder = "workspace"}}
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
    (folder / "class.toml").write_text(CONFIGURED.format(port=port))
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

    assert "; Secure" in cookie and "; HttpOnly" in cookie and "SameSite=Lax" in cookie
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
