"""What MkDocs fills into the pages from the code: the public names of a room, and the table of the methods.

A page asks with a comment, `<!-- public names of complex_lstm.model -->` or `<!-- methods -->`, so that a name which is renamed,
added or taken away never has to be changed here.
"""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any

from mkdocs.exceptions import PluginError

import complex_lstm

METHODS_MARK = "<!-- methods -->"
WORKS_WITH = {
    "outputs": "any model",
    "gradients": "any model with gradients",
    "attention": "a ComplexLSTMModel with an attention layer in use",
}
NAMES_MARK = re.compile(r"<!-- public names of ([\w.]+) -->")


def public_names() -> dict[str, list[str]]:
    """Return the package's public names by the room that they come from."""
    source = ast.parse(inspect.getsource(complex_lstm))
    rooms = (node for node in ast.walk(source) if isinstance(node, ast.ImportFrom) and str(node.module).startswith("complex_lstm."))
    return {str(room.module): [alias.name for alias in room.names] for room in rooms}


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Return a page with its marks filled in (MkDocs calls this)."""
    if METHODS_MARK in markdown:
        markdown = markdown.replace(METHODS_MARK, _methods())
    return NAMES_MARK.sub(lambda mark: _names(mark[1], page.file.src_path), markdown)


def on_files(files: Any, **_: Any) -> None:
    """Refuse a room of public names that no page shows (MkDocs calls this)."""
    shown = {room for file in files.documentation_pages() for room in NAMES_MARK.findall(file.content_string)}
    missing = public_names().keys() - shown
    if missing:
        raise PluginError(f"No page shows the public names of {', '.join(sorted(missing))}. Add `<!-- public names of ROOM -->`.")


def _names(room: str, page: str) -> str:
    if room not in public_names():
        raise PluginError(f"{page}: there is no room {room} with public names. There are {', '.join(public_names())}.")
    return "\n".join(f"::: complex_lstm.{name}\n" for name in public_names()[room])


def _methods() -> str:
    """Return a section for each method: what it says of itself where it is chosen, and its docstring."""
    return "\n".join(
        f"## {method.label} {{ #{name} }}\n\n"
        f'`"{name}"` {method.sentence}.\n\n'
        f"- **Where it misleads**: {method.misleads}.\n"
        f"- **Measured against**: {'the chosen baseline' if method.against == 'baseline' else method.against}.\n"
        f"- **Sign and unit**: {'signed, in the unit of the output' if method.signed else 'sizes alone, in a unit of its own'}.\n"
        f"- **Works with**: {WORKS_WITH[method.needs]}.\n"
        f"- **Source**: {method.source}.\n\n"
        f"::: {method.run.__module__}.{method.run.__name__}\n"
        "    options: {show_root_heading: false, show_root_toc_entry: false, show_signature: false, show_docstring_raises: false}\n"
        for name, method in complex_lstm.METHODS.items()
    )
