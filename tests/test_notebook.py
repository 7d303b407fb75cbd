"""The notebooks run from their first cell to their last, and what they say of their numbers holds."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
ARITHMETIC, ANY_MODEL = DOCS / "arithmetic.ipynb", DOCS / "notebooks" / "any_model.ipynb"


def code_cells(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def run(notebook: Path) -> dict[str, Any]:
    """Return the names that a notebook has after its last cell."""
    names: dict[str, Any] = {}
    for number, cell in enumerate(code_cells(notebook)):
        exec(compile(cell, f"{notebook.name}, code cell {number}", "exec"), names)
    return names


def test_every_cell_runs_and_every_box_is_recomputed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ARITHMETIC.parent)

    names = run(ARITHMETIC)

    said = capsys.readouterr().out
    assert said.count("the model's own") == len(names["SITES"])
    assert "steps that reach one cell of stage 2: 15" in said  # kernels 7 and 9: 9 + 2 x 3


@pytest.mark.long
def test_a_gru_a_pipeline_and_an_onnx_file_are_explained_by_the_cells_that_decide(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # it needs nothing of the checkout

    names = run(ANY_MODEL)

    assert names["gru_accuracy"] > 0.95 and names["pipeline_accuracy"] > 0.95 and names["furthest"] < 1e-5
    table = names["table"]
    assert table.groupby("model").size().to_dict() == {"GRU": 4, "ONNX file": 3, "pipeline": 3}
    assert table["auprc"].min() > 0.3 and table.loc[table["method"] == "consensus", "auprc"].min() > 0.8  # chance is 0.03
    assert names["refused"].endswith("These work with it: ablation, occlusion, shapley, segment_shapley, consensus.")
    assert names["judged"]["noise"].standing != names["judged"]["truth"].standing


@pytest.mark.parametrize("notebook", [ARITHMETIC, ANY_MODEL], ids=lambda notebook: notebook.stem)
def test_a_notebook_uses_public_names_only_and_is_kept_without_outputs(notebook: Path) -> None:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]

    trees = [ast.parse(cell) for cell in code_cells(notebook)]
    used = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not [name for name in used if name.startswith("_") and name != "__init__"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
