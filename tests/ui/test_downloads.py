"""A file that was made for a visitor outlives the runs of others' pages, for a while."""

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from complex_lstm.ui.app.downloads import Unneeded


def made(manager: MediaFileManager) -> str:
    """Return the id of a file that a click has made."""
    return (
        manager.execute_deferred(manager.add_deferred(lambda: b"a,b\n", "text/csv", "place", "a.csv")).rpartition("/")[2].partition(".")[0]
    )


def end_runs(manager: MediaFileManager) -> None:
    """Do what Streamlit does when runs of pages end: with the second one a file that no page refers to is gone."""
    for _ in range(3):
        manager.clear_session_refs()
        manager.remove_orphaned_files()


@pytest.mark.parametrize(("seconds", "is_there"), [(3600.0, True), (0.0, False)])
def test_a_file_is_kept_for_a_while_after_it_was_made(seconds: float, is_there: bool) -> None:
    storage = MemoryMediaFileStorage("/media")
    manager = MediaFileManager(storage)
    unneeded = Unneeded(manager, seconds)
    file = made(manager)

    end_runs(manager)
    unneeded.delete_old()

    if is_there:
        assert storage.get_file(file).content == b"a,b\n"
    else:
        with pytest.raises(MediaFileStorageError):
            storage.get_file(file)


def test_a_file_that_is_made_again_stays() -> None:
    storage = MemoryMediaFileStorage("/media")
    manager = MediaFileManager(storage)
    unneeded = Unneeded(manager, 0.0)
    first = made(manager)
    end_runs(manager)

    again = made(manager)
    unneeded.delete_old()

    assert first == again and storage.get_file(again).content == b"a,b\n"
