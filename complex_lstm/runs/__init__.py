"""Training runs as folders, which the pages and the command line share: each starts, watches and resumes a run by its few files.

A folder holds run.json (what is trained on what, and how), status.json (how far it is), metrics.csv (one row an epoch and
metric), log.txt, model.safetensors (the best so far), last.ckpt (to resume from), moments/ (snapshots of the inside of the
model) and, until it is carried out, control (a command).
"""

from complex_lstm.runs.archive import zip_run
from complex_lstm.runs.curves import Curve, Row, curves_of, read_metrics
from complex_lstm.runs.folder import Run, create_run, delete_run, list_runs, open_run, rename_run, send_command
from complex_lstm.runs.plan import Plan, Versions, check_trainable, make_plan, versions_here
from complex_lstm.runs.process import launch
from complex_lstm.runs.queue import earlier_in_queue
from complex_lstm.runs.status import UNDER_WAY, Score, State, Status

__all__ = [
    "UNDER_WAY", "Curve", "Plan", "Row", "Run", "Score", "State", "Status", "Versions",
    "check_trainable", "create_run", "curves_of", "delete_run", "earlier_in_queue", "launch", "list_runs", "make_plan", "open_run",
    "read_metrics", "rename_run", "send_command", "versions_here", "zip_run",
]  # fmt: skip
