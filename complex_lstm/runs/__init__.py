"""Training runs as folders: whoever starts, watches or resumes one, on a page or in a terminal, reads and writes the same few files.

A folder holds run.json (what is trained on what, and how), status.json (how far it is), metrics.csv (one row an epoch and
metric), log.txt, model.safetensors (the best so far), last.ckpt (where to go on) and, while somebody wishes something, control.
"""

from complex_lstm.runs.archive import zip_run
from complex_lstm.runs.checks import check_trainable
from complex_lstm.runs.curves import Curve, Row, curves_of, read_metrics
from complex_lstm.runs.folder import (
    Run,
    create_run,
    delete_run,
    list_runs,
    open_run,
    place_in_queue,
    rename_run,
    wish,
)
from complex_lstm.runs.plan import Plan, Versions, make_plan, versions_here
from complex_lstm.runs.process import launch
from complex_lstm.runs.status import UNDER_WAY, Score, State, Status

__all__ = [
    "UNDER_WAY", "Curve", "Plan", "Row", "Run", "Score", "State", "Status", "Versions",
    "check_trainable", "create_run", "curves_of", "delete_run", "launch", "list_runs", "make_plan", "open_run", "place_in_queue",
    "read_metrics", "rename_run", "versions_here", "wish", "zip_run",
]  # fmt: skip
