"""The tables of what verdicts are worth, from one row a map."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from benchmarks.verdicts.maps import WRONG
from benchmarks.verdicts.tasks import TASKS
from complex_lstm.evaluation.blocks import Blocks, ratio_interval
from complex_lstm.interpretation import METHODS
from complex_lstm.interpretation.verdict import RULES

RIGHT = 0.5  # AUPRC against the true cells
ALWAYS_WRONG = ("half of the truth", "twice the truth")  # whatever their AUPRC
TRUSTED = "faithful"


def tables(rows: pd.DataFrame) -> str:
    """Return the tables in Markdown: of the tasks that the rule was set with, and of those that it was not."""
    parts = []
    for development in (False, True):
        some = rows[rows["task"].map({name: task.development for name, task in TASKS.items()}) == development]
        if len(some):
            title = "Tasks that the rule was set with" if development else "Tasks that no part of the rule was set with"
            parts.append(f"## {title}: {', '.join(some['task'].unique())}\n\n{_table(some)}")
    return "\n\n".join(parts)


def measures(rows: pd.DataFrame) -> dict[str, tuple[str, pd.Series, pd.Series]]:
    """Return by name what is counted of what: the goal, and two columns of 0 and 1 over the rows.

    Methods' maps count with models of every stage; the true and the wrong maps on trained models' windows where there is
    something to explain. A map that is wrong by its making counts as wrong unless its AUPRC happens to be 0.5 or more.
    """
    of_method, right, trusted = rows["map"].isin(list(METHODS)), rows["auprc"] >= RIGHT, rows["standing"] == TRUSTED
    right &= rows["stage"] != "untrained"
    judged = (rows["standing"] != "nothing") & (rows["stage"] == "trained")
    found = {
        f'right, of the methods\' maps judged "{standing}"': (
            ">= 0.9" if standing == TRUSTED else "",
            right,
            of_method & (rows["standing"] == standing),
        )
        for standing in RULES
        if standing != "nothing"
    }
    found["trusted, of right maps of methods"] = ("", trusted, of_method & right & judged)
    found["trusted, of true maps"] = (">= 0.9", trusted, (rows["map"] == "the truth") & judged)
    for wrong in WRONG:
        among = (rows["map"] == wrong) & judged & (~right | (wrong in ALWAYS_WRONG))
        found[f"trusted, of wrong maps: {wrong}"] = ("<= 0.1", trusted, among)
    found["trusted, of all maps of untrained models"] = ("0", trusted, rows["stage"] == "untrained")
    found["windows of trained models with something to explain"] = ("", judged, (rows["map"] == "the truth") & (rows["stage"] == "trained"))
    return found


def _table(rows: pd.DataFrame) -> str:
    _, of_window = np.unique(rows["task"] + rows["stage"] + rows["window"].astype(str), return_inverse=True)
    blocks = Blocks(of_window, int(of_window.max()) + 1, "windows")
    lines = ["| share | value | 95% | of | to reach |", "|---|---|---|---|---|"]
    for name, (goal, hit, among) in measures(rows).items():
        if count := int(among.sum()):
            interval = ratio_interval((hit & among).to_numpy(float), among.to_numpy(float), blocks)
            lines.append(f"| {name} | {interval.value:.2f} | {interval.low:.2f} to {interval.high:.2f} | {count} | {goal} |")
    return "\n".join([*lines, f"| AUROC of the verdict's score within a window | {auroc_within(rows):.2f} | | | >= 0.85 |"])


def auroc_within(rows: pd.DataFrame) -> float:
    """Return the mean over windows of the odds that a right map has a higher score than a wrong one: fewer cells, fewer idle ones."""
    judged = rows[(rows["standing"] != "nothing") & (rows["stage"] == "trained")]
    score = -np.log(judged["needed"] / judged["fewest"]) - 2 * judged["idle"]
    judged = judged.assign(score=score, right=judged["auprc"].ge(RIGHT) & ~judged["map"].isin(ALWAYS_WRONG))
    each = [roc_auc_score(one["right"], one["score"]) for _, one in judged.groupby(["task", "window"]) if one["right"].nunique() > 1]
    return float(np.mean(each)) if each else float("nan")
