"""What is left of a visitor who has closed the tab: after two minutes nothing."""

import gc
import weakref
from typing import Any

from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import SessionInfo

from complex_lstm.ui.app.warm_up import forget_departed


class Session:
    """What Streamlit keeps of a session: here an id and its state."""

    def __init__(self, name: str) -> None:
        self.id, self.state = name, bytearray(10)


def kept(storage: MemorySessionStorage, name: str) -> weakref.ref[Any]:
    session = Session(name)
    storage.save(SessionInfo(client=None, session=session, script_run_count=0))  # type: ignore[arg-type]
    return weakref.ref(session)


def test_the_state_of_a_visitor_who_has_left_is_dropped_without_another_visitor() -> None:
    """Streamlit kept the state of a whole class until the next visitor had come and gone."""
    storage = MemorySessionStorage(ttl_seconds=0)
    gone = kept(storage, "ann")
    gc.collect()
    assert gone() is not None  # expired, and there all the same

    forget_departed(storage)
    gc.collect()

    assert gone() is None


def test_the_state_of_a_visitor_who_may_come_back_is_kept() -> None:
    storage = MemorySessionStorage()
    left = kept(storage, "ann")

    forget_departed(storage)

    assert left() is not None and storage.get("ann") is not None
