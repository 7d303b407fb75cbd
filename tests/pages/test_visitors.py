"""Two visitors of one server: what one has, the other sees nowhere, whatever link, key or name they try."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.errors import WorkspaceError
from complex_lstm.runs import Run
from complex_lstm.runs.status import own_process
from complex_lstm.shares import Share, find_share, make_share, shares_of, take_back
from complex_lstm.ui.compute import visitor
from complex_lstm.ui.compute.visitor import owner_of_session
from complex_lstm.visitors import folder_name, folder_of_visitor
from complex_lstm.workspace import Workspace
from tests.pages.conftest import Visit
from tests.pages.looking import name_of_session

ANNA, BEN = folder_name("anna"), folder_name("ben")
CSV = b"hour,secret_level\n" + b"".join(b"%d,%d\n" % (row, row % 7) for row in range(200))


@pytest.fixture
def workspaces(visit: Visit) -> dict[str, Workspace]:
    return {owner: Workspace(folder_of_visitor(owner)) for owner in (ANNA, BEN)}


@pytest.fixture
def run_of_anna(with_runs: Callable[..., Run], workspaces: dict[str, Workspace], tmp_path: Path) -> Run:
    run = with_runs("hers", state="running", queued=1.0, **own_process())
    place = workspaces[ANNA].folder / "runs/hers"
    place.parent.mkdir(parents=True)
    run.folder.rename(place)
    (tmp_path / "runs").rmdir()
    return Run(place, run.plan, run.status)


def words(app: AppTest) -> str:
    shown = [*app.markdown, *app.info, *app.error, *app.caption, *app.warning, *app.success, *app.header, *app.dataframe]
    listed = [str(getattr(one, "value", "")) for one in shown] + [str(one.options) for one in (*app.selectbox, *app.multiselect)]
    return "\n".join(listed)


def test_a_link_to_the_data_of_another_answers_as_if_there_were_none(visit: Visit, workspaces: dict[str, Workspace]) -> None:
    key = workspaces[ANNA].keep("data", CSV, "annas.csv").key
    assert "annas.csv" in words(visit(ANNA, "data", data=key))

    hers, nothing = (visit(BEN, "data", data=one) for one in (key, "0" * 20))

    assert not hers.exception and "annas" not in words(hers) and "secret" not in words(hers)
    assert [one.value.replace(key, "0" * 20) for one in hers.error] == [one.value for one in nothing.error] != []


def test_start_lists_to_each_what_they_keep_and_nothing_else(visit: Visit, workspaces: dict[str, Workspace]) -> None:
    workspaces[ANNA].keep("data", CSV, "annas.csv")
    gone = workspaces[ANNA].keep("data", CSV + b"200,1\n", "thrown_away.csv")
    workspaces[ANNA].discard(gone.path.parent, "file", "thrown_away.csv")

    app = visit(BEN, "start")

    assert not app.exception and not [one for one in app.multiselect if one.key in ("start_kept_chosen", "start_trash_chosen")]
    assert {"annas.csv", "thrown_away.csv"} <= set(words(visit(ANNA, "start")).replace("'", " ").replace(" (", " ").split())


def test_the_run_of_another_is_not_listed_opened_stopped_or_named_in_the_queue(
    visit: Visit, run_of_anna: Run, workspaces: dict[str, Workspace]
) -> None:
    assert "first" in words(visit(ANNA, "train", run="hers"))

    app = visit(BEN, "train", run="hers")

    assert not app.exception and "There is no run 'hers' here" in app.error[0].value.replace("\\", "")
    assert "first" not in words(app).replace("first " + "model", "") and not [one for one in app.selectbox if one.key == "train_run"]
    assert not {one.key for one in app.button} & {"train_pause", "train_stop", "train_delete_do", "train_rename_do", "train_use"}


@pytest.mark.parametrize("key", ["../../{0}/runs/hers", "{0}/runs/hers", "..", "../runs/hers", "/etc"])
def test_no_run_key_leads_to_another(visit: Visit, run_of_anna: Run, workspaces: dict[str, Workspace], key: str) -> None:
    (workspaces[BEN].folder / "runs").mkdir(parents=True)

    app = visit(BEN, "train", run=key.format(ANNA))

    assert not app.exception and "There is no run" in app.error[0].value


def test_a_browser_without_a_cookie_is_told_and_gets_no_page(visit: Visit) -> None:
    app = visit("", "start")

    assert not app.exception and "sent no cookie" in app.error[0].value and not app.header
    assert owner_of_session(name_of_session(app._session_state)) == ""


def press(app: AppTest, key: str, owner: str) -> None:
    """Press a button; what the page's boxes show is asked for by the test then, outside of a page."""
    token = visitor._NOW.set(visitor.Visit(owner))
    app.button(key=key).click().run()
    visitor._NOW.reset(token)


def test_a_share_is_taken_back_by_its_owner_alone(visit: Visit) -> None:
    bits = make_share(Share(ANNA, "a" * 20, "b" * 20, "", 0, 0, "", (("data", "a" * 20),), "hers", 0.0))
    (share,) = shares_of(ANNA)

    with pytest.raises(WorkspaceError, match="no such link of yours"):
        take_back(share.key, BEN)

    assert shares_of(BEN) == [] and find_share(bits) == share and find_share(share.key) is None
    take_back(share.key, ANNA)
    assert shares_of(ANNA) == [] and find_share(bits).is_taken_back  # type: ignore[union-attr]
