"""Who a visitor is, and that nobody finds, by whatever key, what another keeps."""

import ast
import os
import threading
from pathlib import Path

import pytest

from complex_lstm import visitors
from complex_lstm.errors import ConfigError, WorkspaceError
from complex_lstm.locations import PACKAGE, PAGES
from complex_lstm.ui.compute import cache, visitor
from complex_lstm.ui.compute.visitor import ALONE, Apart, Visit, apart, as_now, current_visit, open_workspace
from complex_lstm.visitors import SECRET, folder_name, new_cookie, read_cookie
from complex_lstm.workspace import VISITORS, Lent, Workspace, root_folder, workspaces_in

ANNA, BEN = Visit(folder_name("anna")), Visit(folder_name("ben"))
TABLE = b"t,x,y\n" + b"".join(b"%d,%d,%d\n" % (step, step % 7, step % 5) for step in range(60))


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("COMPLEX_LSTM_VISITORS", "cookie")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPLEX_LSTM_VISITORS")


def be(visit: Visit) -> "Being":
    return Being(visit)


class Being:
    """What is done within is done for this visitor, as within their page."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit

    def __enter__(self) -> None:
        self.token = visitor._NOW.set(self.visit)

    def __exit__(self, *error: object) -> None:
        visitor._NOW.reset(self.token)


def test_alone_the_workspace_is_the_root_folder_and_keys_stay_as_they_are(alone: None, tmp_path: Path) -> None:
    assert open_workspace() == Workspace(tmp_path) and current_visit() == ALONE
    assert apart(("data", "0" * 20)) == ("data", "0" * 20) and not (tmp_path / SECRET).exists()


def test_a_word_that_is_no_mode_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_VISITORS", "yes")

    with pytest.raises(ConfigError, match="COMPLEX_LSTM_VISITORS is 'yes', expected cookie"):
        visitors.are_apart()


def test_a_cookie_is_read_by_who_has_signed_it_and_its_id_is_no_folder(tmp_path: Path) -> None:
    cookie = new_cookie()
    identity, signature = cookie.rsplit(".", 1)

    assert read_cookie(cookie) == folder_name(identity) != identity and len(identity) == 32
    for forged in ("", identity, f"{identity}.", f"{identity[:-1]}x.{signature}", f"../{cookie}", "ä.ö", cookie[:-1]):
        assert read_cookie(forged) == ""


def test_another_secret_reads_no_cookie_of_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = new_cookie()

    monkeypatch.setenv("COMPLEX_LSTM_SECRET", "x" * 40)

    assert read_cookie(cookie) == "" and read_cookie(new_cookie())


def test_the_secret_is_made_once_by_servers_that_begin_together_and_is_nobody_elses(tmp_path: Path) -> None:
    visitors.make_secret(tmp_path / SECRET)
    first = (tmp_path / SECRET).read_text()
    visitors.make_secret(tmp_path / SECRET)

    assert (tmp_path / SECRET).read_text() == first and os.listdir(tmp_path) == [SECRET]
    assert (tmp_path / SECRET).stat().st_mode & 0o777 == 0o600


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / SECRET).write_text("x" * 60)
    (tmp_path / SECRET).chmod(0o644)

    with pytest.raises(WorkspaceError, match="can be read by other users"):
        new_cookie()


def test_outside_of_a_page_nobodys_workspace_is_opened() -> None:
    with pytest.raises(WorkspaceError, match="not known whose workspace"):
        open_workspace()


def test_a_visitors_workspace_is_a_folder_below_the_root_that_appears_with_the_first_thing_kept(tmp_path: Path) -> None:
    with be(ANNA):
        assert open_workspace().folder == tmp_path / VISITORS / ANNA.owner and not open_workspace().folder.exists()
        open_workspace().keep("data", TABLE, "mine.csv")

    assert [one.folder.name for one in workspaces_in(root_folder())] == [tmp_path.name, ANNA.owner]


def test_what_one_has_opened_another_finds_neither_on_the_disk_nor_in_memory() -> None:
    with be(ANNA):
        key = open_workspace().keep("data", TABLE, "mine.csv").key
        assert len(cache.table(key).frame) == 60

    with be(BEN):
        assert open_workspace().all("data") == []
        for ask in (cache.table, cache.examination, cache.suggested_setup, lambda key: open_workspace().find("data", key)):
            with pytest.raises(WorkspaceError, match="which this installation does not hold"):
                ask(key)


def test_both_may_keep_the_same_file_and_one_deletes_only_their_own() -> None:
    places = {}
    for visit in (ANNA, BEN):
        with be(visit):
            places[visit] = open_workspace().keep("data", TABLE, f"{visit.owner[:4]}.csv")

    with be(ANNA):
        with pytest.raises(WorkspaceError, match="is not deleted from here"):
            open_workspace().discard(places[BEN].path.parent, "file", "theirs")
        gone = open_workspace().discard(places[ANNA].path.parent, "file", "mine")

    with be(BEN):
        assert open_workspace().find("data", places[BEN].key).name == f"{BEN.owner[:4]}.csv" and open_workspace().discarded() == []
        with pytest.raises(WorkspaceError, match="no longer in the trash"):
            open_workspace().restore(gone.key)


@pytest.mark.parametrize("key", ["../{0}/data/{1}", "{1}/../../../{0}/data/{1}", "..", "{1}\0", "%2e%2e", "{1}\n"])
def test_no_key_leads_to_another(key: str) -> None:
    with be(ANNA):
        kept = open_workspace().keep("data", TABLE, "mine.csv")

    with be(BEN), pytest.raises(WorkspaceError, match="does not hold"):
        open_workspace().find("data", key.format(ANNA.owner, kept.key))


def test_a_symbolic_link_out_of_ones_workspace_is_not_followed(tmp_path: Path) -> None:
    with be(ANNA):
        kept = open_workspace().keep("data", TABLE, "mine.csv")
    with be(BEN):
        (place := open_workspace().folder / "data").mkdir(parents=True)
        (place / kept.key).symlink_to(kept.path.parent)
        other = place / ("a" * 20)
        other.mkdir()
        (other / "content.csv").symlink_to(kept.path)

        assert open_workspace().all("data") == [] and not open_workspace().holds(other / "content.csv")
        with pytest.raises(WorkspaceError, match="does not hold"):
            open_workspace().find("data", kept.key)


def test_what_is_lent_is_found_and_nothing_else() -> None:
    with be(ANNA):
        lent, other = (open_workspace().keep("data", content, "mine.csv") for content in (TABLE, TABLE + b"60,1,1\n"))
        borrowed = Lent(open_workspace(), frozenset({("data", lent.key)}))
    with be(BEN):
        workspace = Workspace(open_workspace().folder, root_folder(), borrowed)

    assert workspace.find("data", lent.key) == lent and workspace.all("data") == []
    for kind, key in (("data", other.key), ("model", lent.key)):
        with pytest.raises(WorkspaceError, match="does not hold"):
            workspace.find(kind, key)  # type: ignore[arg-type]


def test_results_of_samples_are_shared_and_all_others_are_apart() -> None:
    sample = ("window_errors", ("planted_order", "planted_order~1.5", "", 5))
    with be(ANNA):
        own = [("errors", ("a" * 20, "planted_order", "", 5)), ("errors", ("planted_order", "planted_order", "b" * 20, 5)), ("timing", 3)]
        assert apart(sample) == sample and [apart(key) for key in own] == [Apart(ANNA, key) for key in own]
        assert apart(apart(own[0])) == Apart(ANNA, own[0])


def test_what_is_called_later_in_another_thread_is_done_for_whom_it_was_asked() -> None:
    found: list[Path] = []
    with be(ANNA):
        do = as_now(lambda: found.append(open_workspace().folder))
    thread = threading.Thread(target=do)
    thread.start()
    thread.join()

    assert [path.name for path in found] == [ANNA.owner]
    with pytest.raises(WorkspaceError, match="not known whose"):
        open_workspace()


@pytest.fixture
def a_megabyte_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_VISITOR_MB", "1")
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE_MB", "2")


def test_a_visitor_and_all_together_have_their_limits(a_megabyte_each: None) -> None:
    most = {name: Visit(folder_name(name)) for name in ("first", "second", "third")}
    large = bytes(900_000)
    for name in ("first", "second"):
        with be(most[name]):
            kept = open_workspace().keep("data", name.encode() + large, name)
            with pytest.raises(WorkspaceError, match="your workspace holds 0.9 of 1 MB.*COMPLEX_LSTM_VISITOR_MB"):
                open_workspace().keep("data", large, "more")
    with be(most["third"]), pytest.raises(WorkspaceError, match="all visitors together have 1.7 of 2 MB.*COMPLEX_LSTM_WORKSPACE_MB"):
        open_workspace().keep("data", large, "more")

    with be(most["second"]):
        open_workspace().discard(kept.path.parent, "file", "second")
    with be(most["third"]):  # what lies in anybody's trash makes room
        open_workspace().keep("data", large, "more")


def test_what_a_download_calls_later_is_done_for_whom_it_was_drawn() -> None:
    """Streamlit calls it when the button is pressed, in a thread that belongs to no page."""
    found = [
        (path.name, call.args[1])
        for folder in (PACKAGE, PAGES)
        for path in folder.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "download_button"
    ]

    bare = sorted((name, ast.unparse(given)) for name, given in found if not ast.unparse(given).startswith("as_now("))

    assert len(found) > 10 and bare == [
        ("actions.py", "make"),  # made by as_now above, both
        ("actions.py", "make"),
        ("recipes.py", "to_json(recipe)"),  # the content itself
        ("taking_model.py", "content"),
    ]
