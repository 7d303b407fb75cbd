"""Lines of our own code that are shown on a page: a whole function, or single statements of it."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Excerpt:
    """What is named "module:name", or only the statements in it that contain one of some texts. `note` says what it is to the model."""

    source: str
    containing: tuple[str, ...] = ()
    note: str = ""

    @property
    def name(self) -> str:
        """The dotted name of what it is from."""
        return self.source.replace(":", ".")

    @property
    def code(self) -> str:
        """The lines as they stand in our code."""
        code = textwrap.dedent(inspect.getsource(pkgutil.resolve_name(self.source)))
        return "\n".join(self._chosen(code)) if self.containing else code.rstrip()

    def _chosen(self, code: str) -> Iterator[str]:
        """Yield the simple statements that contain one of the texts, in their order."""
        lines = code.splitlines()
        statements = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.stmt) and not hasattr(node, "body")]
        for node in sorted(statements, key=lambda one: one.lineno):
            written = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            if any(text in written for text in self.containing):
                yield textwrap.dedent(written)


def excerpt(source: str, *containing: str, note: str = "") -> Excerpt:
    """Return an excerpt: without texts the whole."""
    return Excerpt(source, containing, note)
