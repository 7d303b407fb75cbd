"""What a visitor shows to others: a read-only link to one view of theirs, which they can take back.

The link carries 192 random bits. What it shows lies below the root folder under the hash of these, so that who reads the folder cannot
make the link. A share that was taken back stays, so that its link says so.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path

from complex_lstm.config import from_json, to_json
from complex_lstm.disk import read_bounded, whole_folder
from complex_lstm.errors import ConfigError, WorkspaceError
from complex_lstm.visitors import ID_BYTES, NAME_DIGITS
from complex_lstm.workspace import root_folder

SHARES, CONTENT, TAKEN_BACK = "shares", "share.json", "taken_back"
MOST_BYTES = 2**16


@dataclass(frozen=True)
class Share:
    """A view that its owner shows: keys of data, model and setup, and the window; `things` are the kinds and keys that it opens.

    `owner` is the name of their folder, `name` says in words what is shown, `when` is in seconds since 1970. `key` is the hash of the
    link's bits, and `is_taken_back` whether it shows nothing any more; neither is stored in the file.
    """

    owner: str
    data: str
    model: str
    setup: str
    stride: int
    window: int
    temperature: str
    things: tuple[tuple[str, str], ...]
    name: str
    when: float
    key: str = ""
    is_taken_back: bool = False


def make_share(share: Share) -> str:
    """Keep a share, and return the bits for its link.

    Raises:
        WorkspaceError: the folder cannot be written.
    """
    bits = secrets.token_urlsafe(ID_BYTES)
    try:
        with whole_folder(_place(_key_of(bits))) as made:
            (made / CONTENT).write_text(to_json(replace(share, when=time.time())))
    except OSError as error:
        raise WorkspaceError(f"The link cannot be kept in {root_folder() / SHARES} ({error.strerror}).") from error
    return bits


def find_share(bits: str) -> Share | None:
    """Return the share of a link, None where there is none."""
    return _read(_key_of(bits)) if bits else None


def shares_of(owner: str) -> list[Share]:
    """Return the shares of a visitor that are not taken back, the newest first."""
    found = [share for path in (root_folder() / SHARES).glob("[0-9a-f]*") if (share := _read(path.name))]
    return sorted((one for one in found if one.owner == owner and not one.is_taken_back), key=lambda one: one.when, reverse=True)


def take_back(key: str, owner: str) -> None:
    """Have a share show nothing any more.

    Raises:
        WorkspaceError: the visitor has no such share, or the folder cannot be written.
    """
    if key not in {one.key for one in shares_of(owner)}:
        raise WorkspaceError("There is no such link of yours: it was taken back already.")
    try:
        (_place(key) / TAKEN_BACK).touch()
    except OSError as error:
        raise WorkspaceError(f"The link cannot be taken back ({error.strerror}). Give this program the right to write.") from error


def _read(key: str) -> Share | None:
    try:
        share = from_json(Share, read_bounded(_place(key) / CONTENT, MOST_BYTES).decode())
    except (OSError, UnicodeDecodeError, ConfigError):
        return None
    return replace(share, key=key, is_taken_back=(_place(key) / TAKEN_BACK).exists())


def _place(key: str) -> Path:
    return root_folder() / SHARES / key


def _key_of(bits: str) -> str:
    return hashlib.sha256(bits.encode(errors="replace")).hexdigest()[:NAME_DIGITS]
