"""Who has logged in, as a signed cookie says; everything else in it makes nobody of a visitor but who our own cookie says."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit import config
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from complex_lstm.config import to_json
from complex_lstm.config.serving import VARIABLE, LoginSection, ServerSection, Serving
from complex_lstm.ui.compute.login import identity_in, login_offered, login_secrets, owner_in
from complex_lstm.visitors import COOKIE, folder_name, login_secret, new_cookie, read_cookie

USER = "_streamlit_user"
LOGIN = LoginSection("https://id.example.org/.well-known/openid-configuration", "one", "two")
ANNA = {"iss": "https://id.example.org", "sub": "17", "name": "Anna", "origin": "https://class.example.org"}


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A server whose visitors can log in."""
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("COMPLEX_LSTM_VISITORS", "cookie")
    monkeypatch.setenv(VARIABLE, to_json(Serving(ServerSection(outside="https://class.example.org", base_path="lstm"), login=LOGIN)))
    before = config.get_option("server.cookieSecret")
    config.set_option("server.cookieSecret", login_secret())
    yield
    config.set_option("server.cookieSecret", before)


def signed(claims: object, secret: str = "") -> str:
    return create_signed_value(secret or login_secret(), USER, json.dumps(claims)).decode()


def test_issuer_and_subject_are_who_a_visitor_is_on_every_browser() -> None:
    again = ANNA | {"name": "Anna B.", "email": "b@example.org"}

    owners = [owner_in({USER: signed(claims), COOKIE: new_cookie()}) for claims in (ANNA, again)]

    assert owners == [folder_name("https://id.example.org\n17")] * 2 and len(owners[0]) == 32
    for other in (ANNA | {"sub": "18"}, ANNA | {"iss": "https://id.example.com"}):
        assert owner_in({USER: signed(other)}) not in (owners[0], "")
    found = identity_in({USER: signed(again)})
    assert found and found.name == "Anna B."


@pytest.mark.parametrize("claims", [{}, {"sub": "17"}, {"iss": "x"}, ANNA | {"sub": 17}, ANNA | {"iss": ""}])
def test_a_login_without_issuer_or_subject_is_none(claims: object) -> None:
    own = new_cookie()

    assert identity_in({USER: signed(claims)}) is None and owner_in({USER: signed(claims), COOKIE: own}) == read_cookie(own)


def test_a_login_that_was_not_signed_here_is_none() -> None:
    for forged in (signed(ANNA, "x" * 64), signed(ANNA)[:-2], json.dumps(ANNA), "chunks-99999999999999999999"):
        assert owner_in({USER: forged}) == ""


def test_without_a_provider_no_cookie_logs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    login = {USER: signed(ANNA)}
    monkeypatch.setenv(VARIABLE, to_json(Serving()))

    assert login_offered() is None and owner_in(login) == "" and login_secrets(Serving()) is None


def test_streamlit_is_told_where_the_provider_sends_visitors_back_to() -> None:
    told = Serving(ServerSection(outside="https://class.example.org", base_path="lstm"), login=LOGIN)

    secrets = login_secrets(told)

    assert secrets and secrets["auth"]["redirect_uri"] == "https://class.example.org/lstm/oauth2callback"
    assert secrets["auth"]["cookie_secret"] == login_secret()
