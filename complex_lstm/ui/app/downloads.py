"""A file that is made when a visitor asks for it stays until their browser has fetched it.

Streamlit 1.67 drops such a file with the second run of a page that ends after it was made, whosever page that is: in a class that is a
moment later, and the download fails without a word.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any, cast

from streamlit.runtime.media_file_manager import MediaFileManager

KEPT = 60.0  # seconds


class Unneeded:
    """The files of a server that no page refers to any more, the oldest first: they are deleted after a while."""

    def __init__(self, manager: MediaFileManager, seconds: float = KEPT) -> None:
        self._manager, self._seconds = cast(Any, manager), seconds
        self._delete = self._manager._storage.delete_file
        self._files: deque[tuple[float, str]] = deque()
        self._manager._storage.delete_file = self.delete_later

    def delete_later(self, file_id: str) -> None:
        """Have a file deleted after a while: in the place of the storage's own method, whose caller holds the manager's lock."""
        self._delete_old()
        self._files.append((time.monotonic() + self._seconds, file_id))

    def delete_old(self) -> None:
        """Delete the files whose time is over."""
        with self._manager._lock:
            self._delete_old()

    def _delete_old(self) -> None:
        while self._files and self._files[0][0] <= time.monotonic():
            _, file_id = self._files.popleft()
            if file_id not in self._manager._file_metadata:  # else a page has made the same file again
                self._delete(file_id)
