"""What the Train page cannot do is one message: a run that another tab has deleted, a full disk, a link to nothing."""

import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from complex_lstm.runs import Run
from complex_lstm.runs.status import own_process
from tests.pages.conftest import Show


def test_what_another_tab_has_deleted_is_told_in_one_message(show: Show, with_runs: Callable[..., Run]) -> None:
    run = with_runs("one", state="stopped", message="Stopped.")
    other = with_runs("two")
    deleting, resuming = show("train", run="one"), show("train", run="one")
    shutil.rmtree(run.folder)

    deleting.button(key="train_delete_do").click().run()
    resuming.button(key="train_resume").click().run()

    for app in (deleting, resuming):
        assert not app.exception and [one.value for one in app.error] == [
            "There is no run 'one' here. It was deleted, or the link was made on another installation."
        ]
    assert deleting.selectbox(key="train_run").value == other.key


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this process grow, which the system then refuses as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("button", ["train_pause", "train_rename_do"])
def test_what_the_disk_refuses_is_told_in_one_message(show: Show, with_runs: Callable[..., Run], button: str) -> None:
    run = with_runs("one", state="running", share=0.5, **own_process())
    app = show("train", run=run.key)

    with full_disk():
        app.button(key=button).click().run()

    assert not app.exception and len(app.error) == 1 and "cannot be written" in app.error[0].value
    assert app.error[0].value.startswith("first cannot be ")


def test_a_run_is_opened_whatever_its_folder_is_called(show: Show, with_runs: Callable[..., Run]) -> None:
    """It was listed, could not be found by its name, and two messages at once broke the page."""
    with_runs("my.run of today")

    app = show("train", run="my.run of today")

    assert not app.exception and not app.error and app.selectbox(key="train_run").value == "my.run of today"


@pytest.mark.parametrize("key", ["nothing", "../../etc", "a b", "..", "."])
def test_a_link_to_a_run_that_is_not_there_is_one_message(show: Show, with_runs: Callable[..., Run], key: str) -> None:
    with_runs("one")

    app = show("train", data="planted_order", run=key)

    assert not app.exception and len(app.error) == 1 and "There is no run" in app.error[0].value
