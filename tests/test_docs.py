"""The examples of the documentation run, its picture is the code's, and every public name and method has its place there."""

import doctest
import re
from pathlib import Path

import pytest

import complex_lstm
from docs import architecture, hooks

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))
WITH_EXAMPLES = [page for page in PAGES if ">>>" in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_say_what_they_say_they_do(page: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # an example needs nothing of the checkout
    text = re.sub(r"^```.*$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE)  # a fence is no part of what is printed
    examples = doctest.DocTestParser().get_doctest(text, {}, page.stem, str(page), 0)
    told: list[str] = []

    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.FAIL_FAST).run(examples, out=told.append)

    assert result.failed == 0 and result.attempted > 0, "".join(told)


def test_the_pages_that_readers_start_from_have_examples() -> None:
    assert {"index", "notebook", "checkpoint"} <= {page.stem for page in WITH_EXAMPLES}


def test_the_python_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

    exec("\n".join(blocks), {})

    assert len(blocks) >= 2


@pytest.mark.parametrize("package", architecture.PICTURES)
def test_the_picture_of_the_rooms_is_the_codes(package: str) -> None:
    kept = architecture.PICTURES[package].read_text(encoding="utf-8")

    assert kept == architecture.draw(package), "The rooms have changed: draw them anew with `python -m docs.architecture`."


def test_the_reference_shows_every_public_name_once() -> None:
    rooms = [room for page in PAGES for room in hooks.NAMES_MARK.findall(page.read_text(encoding="utf-8"))]

    shown = [name for room in rooms for name in hooks.public_names()[room]]

    assert sorted(shown) == sorted(complex_lstm.__all__)


def test_every_method_says_its_formula_and_its_assumption() -> None:
    docs = {name: method.run.__doc__ or "" for name, method in complex_lstm.METHODS.items()}

    assert [name for name, text in docs.items() if not re.search(r"^ {8}\w\([\w ,]+\) = ", text, re.MULTILINE)] == []
    assert [name for name, text in docs.items() if "assumes" not in text] == []
