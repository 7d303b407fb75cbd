"""Who a visitor is, where several share one server: a signed cookie, and the folder that belongs to it.

A browser gets an id of 192 random bits in a cookie that it cannot read or forge. The folder of a visitor's workspace is named by the hash
of the id, so that who sees the folder's name does not know the id.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path

from itsdangerous import BadSignature, Signer

from complex_lstm.config.serving import LEAST_SECRET
from complex_lstm.disk import read_bounded, sync
from complex_lstm.errors import ConfigError, WorkspaceError
from complex_lstm.workspace import VISITORS, root_folder

MODE_VARIABLE = "COMPLEX_LSTM_VISITORS"  # "cookie" where visitors are told apart, nothing where one is alone
SECRET_VARIABLE = "COMPLEX_LSTM_SECRET"  # signs the cookies, where it is not to lie in the workspace
SECRET = "secret"  # the file in the root folder
COOKIE = "complex_lstm_visitor"
KEPT_FOR = 400 * 86_400  # seconds: the longest that browsers allow
ID_BYTES, NAME_DIGITS = 24, 32


def are_apart() -> bool:
    """Return whether visitors are told apart, each with a workspace of their own.

    Raises:
        ConfigError: COMPLEX_LSTM_VISITORS holds another word.
    """
    mode = os.environ.get(MODE_VARIABLE, "")
    if mode not in ("", "cookie"):
        raise ConfigError(f"{MODE_VARIABLE} is {mode!r}, expected cookie, or nothing where one works alone.")
    return bool(mode)


def new_cookie() -> str:
    """Return the value of the cookie of a visitor who has none."""
    return _signer().sign(secrets.token_urlsafe(ID_BYTES)).decode()


def read_cookie(value: str) -> str:
    """Return the name of the folder of the visitor with this cookie, "" where the value is none that was signed here."""
    try:
        return folder_name(_signer().unsign(value).decode())
    except (BadSignature, UnicodeError):
        return ""


def folder_name(identity: str) -> str:
    """Return the name of the folder of whoever has this identity."""
    return hashlib.sha256(identity.encode()).hexdigest()[:NAME_DIGITS]


def folder_of_visitor(name: str) -> Path:
    """Return the folder of a visitor's workspace, which is made as soon as something is kept in it."""
    return root_folder() / VISITORS / name


def login_secret() -> str:
    """Return what signs the cookie of who has logged in: made of the secret, so that all processes on a workspace read it."""
    return hmac.new(_secret().encode(), b"login", hashlib.sha256).hexdigest()


def _signer() -> Signer:
    return Signer(_secret(), salt=COOKIE, digest_method=hashlib.sha256)


def _secret() -> str:
    return os.environ.get(SECRET_VARIABLE) or _secret_in(root_folder())


@lru_cache
def _secret_in(root: Path) -> str:
    """Return the secret in the root folder, made now if there is none: two servers that begin at once find the same one.

    Raises:
        WorkspaceError: it cannot be written, is damaged, or can be read by others.
    """
    place = root / SECRET
    try:
        if not place.exists():
            make_secret(place)
        if os.name != "nt" and place.stat().st_mode & 0o077:
            raise WorkspaceError(f"{place} can be read by other users of this machine. Give it the mode 600, or delete it.")
        secret = read_bounded(place, 2**12).decode(errors="replace").strip()
    except OSError as error:
        raise WorkspaceError(f"The secret that signs cookies cannot be kept in {place} ({error.strerror}).") from error
    if len(secret) < LEAST_SECRET:
        raise WorkspaceError(f"{place} holds fewer than {LEAST_SECRET} characters. Delete it: visitors then begin anew.")
    return secret


def make_secret(place: Path, *, size: int = 48) -> None:
    """Write a secret of so many random bytes, as text, to a file of mode 600; where another server was quicker its secret stays."""
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor, made = tempfile.mkstemp(dir=place.parent, prefix=f".{SECRET}-")  # of mode 600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(size))
        sync(Path(made))
        os.link(made, place)
    except FileExistsError:  # another server was quicker
        pass
    finally:
        os.unlink(made)
