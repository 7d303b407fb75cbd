"""The notebook of the tour's arithmetic runs from its first cell to its last, and its assertions hold."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).resolve().parent.parent / "docs" / "arithmetic.ipynb"


def code_cells() -> list[str]:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_every_cell_runs_and_every_box_is_recomputed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(NOTEBOOK.parent)
    names: dict[str, Any] = {}

    for number, cell in enumerate(code_cells()):
        exec(compile(cell, f"{NOTEBOOK.name}, code cell {number}", "exec"), names)

    said = capsys.readouterr().out
    assert said.count("the model's own") == len(names["SITES"])
    assert "steps that reach one cell of stage 2: 15" in said  # kernels 7 and 9: 9 + 2 x 3


def test_the_notebook_uses_public_names_only_and_is_kept_without_outputs() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]

    trees = [ast.parse(cell) for cell in code_cells()]
    used = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not [name for name in used if name.startswith("_")]
    assert not any(cell.get("outputs") for cell in cells)
