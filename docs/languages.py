"""Bring the catalogues in complex_lstm/locale up to date with the texts in the code: `python -m docs.languages`, or `... fr` for a new one.

A text that is new stands in every catalogue without a translation, one that is gone is left out, and what is missing is printed.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from complex_lstm.languages import CATALOGUES, ENGLISH, languages, said_in

ROOT = Path(__file__).resolve().parent.parent
SINGLE, PLURAL = ("_", "mark"), "ngettext"  # functions that take one text, or the text for one and the text for several


def source_texts() -> Catalog:
    """Return every text in the code that is to be translated, with the files that it stands in."""
    found = Catalog(charset="utf-8")
    for file in sorted((*(ROOT / "complex_lstm").rglob("*.[pj][ys]"), *(ROOT / "pages").glob("*.py"))):
        code = file.read_text("utf-8")
        texts = said_in(code) if file.suffix == ".js" else texts_of(code)
        for text in texts:
            found.add(text, locations=[(file.relative_to(ROOT).as_posix(), 0)])
    return found


def texts_of(code: str) -> list[str | tuple[str, ...]]:
    """Return the texts of Python code in their order, also those within f-strings; those with a plural as a pair."""
    if "complex_lstm.languages" not in code:
        return []
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    texts: list[str | tuple[str, ...]] = []
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        words = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        assert isinstance(call.func, ast.Name)
        if call.func.id in SINGLE and words:
            texts.append(words[0])
        elif call.func.id == PLURAL:
            texts.append(tuple(words))
    return texts


def read(code: str) -> Catalog:
    """Return the catalogue of a language."""
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


def write(code: str, catalogue: Catalog) -> None:
    """Write the catalogue of a language, in the order of the code."""
    with (CATALOGUES / f"{code}.po").open("wb") as file:
        write_po(file, catalogue, width=0, include_lineno=False, ignore_obsolete=True, omit_header=False)


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the texts that a catalogue has no translation of."""
    return [str(one.id) for one in catalogue if one.id and not all(one.string if isinstance(one.string, tuple) else [one.string])]


def main(new: list[str]) -> None:
    """Update all catalogues, and begin those of new languages."""
    source = source_texts()
    for code in (*(code for code in languages() if code != ENGLISH), *new):
        catalogue = (
            read(code) if (CATALOGUES / f"{code}.po").exists() else Catalog(locale=code, project="ComplexLSTM Explorer", charset="utf-8")
        )
        catalogue.update(source, no_fuzzy_matching=True, update_creation_date=False)
        write(code, catalogue)
        missing = untranslated(catalogue)
        print(f"{code}: {len(catalogue) - len(missing)} texts, {len(missing)} without a translation", *missing, sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1:])
