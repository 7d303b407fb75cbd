"""Who has logged in, where the configuration names a provider (OpenID Connect, by Streamlit's `st.login`).

Streamlit keeps what the provider has said of a visitor in a signed cookie. Issuer and subject are their identity: the same on every
browser, whatever name or address they have by now. Who has not logged in is known by our own cookie.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from complex_lstm.config.serving import LoginSection, Serving, served
from complex_lstm.visitors import COOKIE, folder_name, login_secret, read_cookie

NAMES = ("name", "email", "preferred_username", "sub")  # claims by which a visitor is called, the first that there is


@dataclass(frozen=True)
class Identity:
    """Who has logged in: the address of who says so, their number there, and what they are called."""

    issuer: str
    subject: str
    name: str


def login_offered() -> LoginSection | None:
    """Return where visitors log in, None where nobody does."""
    told = served()
    return told.login if told and told.login.metadata else None


def identity_in(cookies: Mapping[str, str]) -> Identity | None:
    """Return who has logged in with these cookies, None where nobody has, or they are not signed here."""
    if login_offered() is None or not cookies.get(USER_COOKIE_NAME):
        return None
    try:
        claims = json.loads(_get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE_NAME) or b"{}")
    except ValueError:
        return None
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not (isinstance(issuer, str) and isinstance(subject, str) and issuer and subject):
        return None
    return Identity(issuer, subject, next(str(claims[name]) for name in NAMES if claims.get(name)))


def owner_in(cookies: Mapping[str, str]) -> str:
    """Return the name of the folder of the visitor with these cookies, "" where they are not known."""
    if found := identity_in(cookies):
        return folder_name(f"{found.issuer}\n{found.subject}")  # no id of our cookie has a line break
    return read_cookie(cookies.get(COOKIE, ""))


def login_secrets(told: Serving | None) -> dict[str, Any] | None:
    """Return what Streamlit needs to let visitors log in, None where nobody does."""
    if told is None or not told.login.metadata:
        return None
    login = told.login
    return {
        "auth": {
            "redirect_uri": f"{told.server.link}oauth2callback",
            "cookie_secret": login_secret(),
            "client_id": login.client_id,
            "client_secret": login.client_secret,
            "server_metadata_url": login.metadata,
        }
    }
