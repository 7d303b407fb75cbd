"""All runs: the choice of one, the buttons for its folder, several side by side, and the import of a run made elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd
import streamlit as st

from complex_lstm.data.units import digits
from complex_lstm.errors import WorkspaceError
from complex_lstm.runs import Run, delete_run, rename_run, zip_run
from complex_lstm.runs.archive import import_run
from complex_lstm.runs.search import unreadable
from complex_lstm.ui.compute.visitor import as_now
from complex_lstm.ui.session.messages import duration, keep_errors, plain, reading
from complex_lstm.ui.session.progress import pressed
from complex_lstm.ui.session.runs import data_of, find_run, runs_root
from complex_lstm.ui.session.state import choose, current, in_link
from complex_lstm.ui.session.trash import discard
from complex_lstm.ui.views.train.curves import draw_curves, name_among
from complex_lstm.ui.views.train.starting import begin_again
from complex_lstm.ui.views.train.watching import ICONS

MOST_BROKEN = 10  # folders that are listed
MOST_COMPARED = 7  # curves whose colours can still be distinguished


def choose_run(runs: list[Run]) -> Run:
    """Draw the choice of the run to show, and return it: the one in the link, else one that is under way, else the newest."""
    by_key = {run.key: run for run in runs}
    under_way = [run.key for run in reversed(runs) if run.is_under_way]
    chosen = current().training.run if current().training.run in by_key else (under_way or [runs[0].key])[0]
    st.selectbox(
        "Run",
        list(by_key),
        format_func=lambda key: _label(by_key[key]),
        **in_link("train_run", chosen, "run"),
    )
    return by_key[chosen]


def manage_run(run: Run) -> None:
    """Draw the buttons for a run's folder: rename, download, train again, delete."""
    with st.container(horizontal=True):
        with st.popover("Rename", icon="✏️", key="train_rename"):
            name = st.text_input("Name of the run", run.plan.name, max_chars=80, key=f"train_new_name_{run.key}")
            if pressed("Rename it", key="train_rename_do"):
                rename_run(find_run(run.key), name)
                st.rerun()
        st.download_button(
            "Folder (zip)", as_now(lambda: zip_run(run)), f"{run.key}.zip", "application/zip", key="train_zip", icon="📦",
            on_click="ignore",
            help="Settings, curves, log, snapshots and the best model, without last.ckpt. Another installation can import it below.",
        )  # fmt: skip
        if run.model.exists():
            st.download_button(
                "Checkpoint", as_now(run.model.read_bytes), f"{run.key}.safetensors", key="train_checkpoint", icon="🧠", on_click="ignore",
                help="The best model so far: open it on the Start page, or with load_checkpoint.",
            )  # fmt: skip
        st.button(
            "Train again with these settings", key="train_again", icon="🔁", on_click=keep_errors(begin_again), args=(run.key,),
            disabled=not data_of(run), help="Fills in the form above, where the settings can be changed, for example to train for longer.",
        )  # fmt: skip
        if not run.is_under_way:
            with st.popover("Delete", icon="🗑️", key="train_delete"):
                st.markdown(f"Delete **{plain(run.plan.name)}** with its curves, log and model? It stays in the trash for a week.")
                st.button("Delete it", key="train_delete_do", type="primary", on_click=keep_errors(_delete), args=(run.key,))


def compare_runs(runs: list[Run], chosen: Run) -> None:
    """Draw the table of all runs, and of some the curves on one axis and the settings in which they differ."""
    by_key = {run.key: run for run in runs}
    table = pd.DataFrame([_row(run) for run in runs])
    made = st.column_config.DatetimeColumn("made (UTC)", format="YYYY-MM-DD HH:mm", timezone="UTC")
    st.dataframe(table, hide_index=True, key="train_table", alt="All runs, the newest first", column_config={"made": made})
    if len(runs) < 2:
        st.caption("Train another run to compare the two here: curves, scores and the settings that differ.")
        return
    alike = [run.key for run in runs if run.plan.fingerprint == chosen.plan.fingerprint and run.rows][:3]
    picked = st.multiselect(
        "Compare",
        list(by_key),
        default=alike,
        key="train_compare",
        format_func=lambda key: _label(by_key[key]),
        max_selections=MOST_COMPARED,
    )
    compared = [by_key[key] for key in picked]
    if len(compared) < 2:
        st.caption("Choose two runs or more.")
        return
    with st.container(key="view-compared"):
        draw_curves(compared, key="train_compared")
        _show_differences(compared)
    reading(
        "One colour a run, the dotted lines on its training part; the table holds only settings in which the runs differ.",
        "Runs on other data, another target or another split have losses that cannot be compared, and the best of many "
        "runs on the validation part is partly the luckiest.",
    )


def settings_of(run: Run) -> dict[str, str]:
    """Return all settings of a run by name, as text."""
    plan = run.plan
    parts: tuple[Any, ...] = (plan.roles, plan.window, plan.split, plan.model, plan.training, plan.versions)
    flat = {
        f"{type(part).__name__.removesuffix('Config').lower()}: {name}": value for part in parts for name, value in asdict(part).items()
    }
    return {"data": plan.data_name} | {
        name: ", ".join(map(str, value)) if isinstance(value, tuple) else str(value) for name, value in flat.items()
    }


def _show_differences(runs: list[Run]) -> None:
    settings = {name_among(run, runs): settings_of(run) for run in runs}
    frame = pd.DataFrame(settings)
    different = frame[frame.nunique(axis=1) > 1]
    if different.empty:
        st.caption("They differ in no setting.")
        return
    frame = different.rename_axis("setting").reset_index()
    st.dataframe(frame, hide_index=True, key="train_differences", alt="The settings in which the runs differ, a column a run")


def _row(run: Run) -> dict[str, Any]:
    status = run.status
    losses = [row.value for row in run.rows if row.metric == "validation_loss"]
    test = [one for one in status.scores if one.part == "test"]
    return {
        "run": run.plan.name,
        "state": f"{ICONS[status.state]} {status.state}",
        "data": run.plan.data_name,
        "hidden": run.plan.model.hidden_dim,
        "epochs": f"{status.epoch} of {status.epochs or run.plan.training.epochs}",
        "best validation loss": digits(min(losses)) if losses else "",
        "on the test part": f"{test[0].measure} {digits(test[0].score)}" if test else "",
        "took": duration(status.seconds) if status.seconds else "",
        "made": pd.to_datetime(run.plan.made, errors="coerce", utc=True),
    }


def _label(run: Run) -> str:
    """Return what a run is called in a list. Its state is left out: Streamlit knows an option by its words, and that state changes."""
    made = run.plan.made[:16].replace("T", " ")
    return f"{run.plan.name}, {run.plan.model.hidden_dim} channels, {made} ({run.key[-6:]})"


def _delete(key: str) -> None:
    try:
        run = find_run(key)
        delete_run(run, lambda place: discard(place, "run", run.plan.name))
    except WorkspaceError:  # deleted in another session meanwhile
        choose(run="")
        raise
    choose(run="")


def offer_unreadable() -> None:
    """Draw the folders of runs and sweeps that cannot be read, each with the reason and a button that removes it."""
    broken = unreadable(runs_root())
    if not broken:
        return
    many = f"{len(broken)} folders here are" if len(broken) > 1 else "A folder here is"
    with st.expander(f"{many} no run that can be read", key="train_unreadable", icon="🧩"):
        for one in broken[:MOST_BROKEN]:
            st.markdown(f"**{plain(one.name)}**: {plain(one.words)}")
            st.button(
                "Remove it", key=f"train_remove_{one.name}", icon="🗑️", on_click=keep_errors(discard),
                args=(one.folder, "folder", one.name),
            )  # fmt: skip
        if len(broken) > MOST_BROKEN:
            st.caption(f"And {len(broken) - MOST_BROKEN} more, which are shown when these are removed.")


UPLOAD, IMPORTED = "train_take_in", "train_taken_in"


def offer_import() -> None:
    """Draw the upload of a run that was made elsewhere."""
    with st.expander("A run that was made elsewhere", key="train_elsewhere", icon="📥"):
        st.file_uploader(
            "The zip of a run's folder, from the button Folder (zip)", type=["zip"], key=UPLOAD, on_change=keep_errors(_import),
            help="Settings, curves, log, snapshots and model are imported; nothing in it is executed.",
        )  # fmt: skip
        if name := st.session_state.pop(IMPORTED, ""):
            st.success(f"{plain(name)} is here now, and shown above.", icon="✅")
        st.caption(
            f"A run that a terminal trains with `--run` in a folder under {plain(runs_root())} is listed on this page without an import."
        )


def _import() -> None:
    file = st.session_state[UPLOAD]
    if file is not None:
        run = import_run(file.getvalue(), runs_root(), name=file.name)
        st.session_state[IMPORTED] = run.plan.name
        choose(run=run.key)
