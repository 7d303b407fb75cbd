"""Whose page runs now, and what is theirs: their workspace, and the keys of their results.

Alone there is one visitor, whose name is empty, and nothing here changes anything. Where visitors are told apart, all that a page reads
or keeps goes through `open_workspace`, all that is kept in memory under a key through `apart`, and what is called later, outside of
the page's run, through `as_now`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from complex_lstm.errors import WorkspaceError
from complex_lstm.samples import SAMPLES
from complex_lstm.shares import find_share
from complex_lstm.ui.compute.login import owner_in
from complex_lstm.visitors import are_apart, folder_of_visitor
from complex_lstm.workspace import Lent, Workspace, root_folder

P = ParamSpec("P")
Result = TypeVar("Result")

_A_SAMPLE = re.compile(rf"'(?:{'|'.join(map(re.escape, SAMPLES))})(?:_shuffled)?(?:~[^']*)?'")
_A_HASH = re.compile(r"[0-9a-f]{12}")  # keys of uploads, models, setups and runs are made of at least so many digits


@dataclass(frozen=True)
class Visit:
    """A visitor: the name of their folder, "" for the only one; and the bits of the link by which they look at what another shows."""

    owner: str = ""
    share: str = ""


@dataclass(frozen=True)
class Apart:
    """A key that stands for one visitor's own."""

    visit: Visit
    key: Hashable


ALONE = Visit()
SHARED = "share_followed"  # of the session: the bits of the link to what another shows
_NOW: ContextVar[Visit | None] = ContextVar("visit", default=None)
_LATEST: ContextVar[Visit] = ContextVar("latest_visit", default=ALONE)  # of what was called later: whose file it has made
_OF_SESSIONS: dict[str, str] = {}  # by session the name of its visitor's folder


def current_visit() -> Visit:
    """Return the visitor whose page runs now, or for whom something is done that a page has begun.

    Raises:
        WorkspaceError: the browser has sent no cookie that was made here, or no page runs: then nobody's things are opened.
    """
    if not are_apart():
        return ALONE
    if now := _NOW.get():
        return now
    context = get_script_run_ctx()
    if context is None:
        raise WorkspaceError("No visitor's page runs here, so that it is not known whose workspace is meant.")
    owner = owner_of_session(context.session_id)
    if not owner:
        owner = owner_in(st.context.cookies)
        if not owner:
            raise WorkspaceError(
                "Your browser sent no cookie, by which this page keeps your files apart from those of others. Allow cookies for this "
                "address, and reload the page."
            )
        assign_session(context.session_id, owner)
    return Visit(owner, st.session_state.get(SHARED, ""))


def owner_of_session(session: str) -> str:
    """Return whose session this is, "" where it is not known."""
    return _OF_SESSIONS.get(session, "")


def visitor_of(session: str) -> str:
    """Return who has a session, and for all tabs of one visitor the same; where it is not known, the session stands for its visitor."""
    return owner_of_session(session) or session


def assign_session(session: str, owner: str) -> None:
    """Record whose session this is."""
    _OF_SESSIONS[session] = owner


def owner_of_file() -> str:
    """Return whose file Streamlit stores now: that of the page that runs, or of the function that `as_now` has called last."""
    context = get_script_run_ctx()
    return owner_of_session(context.session_id) if context else _LATEST.get().owner


def forget_sessions(is_known: Callable[[str], bool]) -> None:
    """Forget to whom the sessions belonged that the server no longer knows."""
    for session in [one for one in list(_OF_SESSIONS) if not is_known(one)]:
        _OF_SESSIONS.pop(session, None)


def open_workspace() -> Workspace:
    """Return the workspace of the visitor whose page runs: alone the root folder, else a folder of their own below it.

    Raises:
        WorkspaceError: it is not known who the visitor is.
    """
    visit = current_visit()
    if not visit.owner:
        return Workspace(root_folder())
    share, lent = find_share(visit.share), None
    if share and not share.is_taken_back:
        lent = Lent(Workspace(folder_of_visitor(share.owner), root_folder()), frozenset(share.things))
    return Workspace(folder_of_visitor(visit.owner), root_folder(), lent)


def apart(key: Hashable) -> Hashable:
    """Return the key under which a result of this visitor is kept in memory.

    What is computed of samples alone is everybody's, and is computed once. All else is its owner's: a key names data by the hash of its
    content, and whoever has seen it in a link must not be answered from what another's page has computed.
    """
    if isinstance(key, Apart) or not are_apart():
        return key
    text = repr(key)
    return key if _A_SAMPLE.search(text) and not _A_HASH.search(text) else Apart(current_visit(), key)


def as_now(function: Callable[P, Result]) -> Callable[P, Result]:
    """Return a function that does, whenever and wherever it is called, what it would do for the visitor whose page runs now."""
    if not are_apart():
        return function
    visit = current_visit()

    @wraps(function)
    def done_later(*args: P.args, **kwargs: P.kwargs) -> Result:
        token = _NOW.set(visit)
        _LATEST.set(visit)
        try:
            return function(*args, **kwargs)
        finally:
            _NOW.reset(token)

    return done_later
