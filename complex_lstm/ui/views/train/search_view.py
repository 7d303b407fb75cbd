"""A search: its trials, how the best loss fell with them, and how much of the losses' spread each setting accounts for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.errors import install_extra
from complex_lstm.figures.training import search_history
from complex_lstm.runs.search import Search, Tried, best_first
from complex_lstm.runs.study import FEWEST, has_optuna, importances
from complex_lstm.runs.sweep import SWEEPABLE
from complex_lstm.ui.compute.jobs import wait_briefly
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.many_columns import listed
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.page_jobs import is_awaited, request_job
from complex_lstm.ui.session.progress import pressed, rerun_when_done
from complex_lstm.ui.session.runs import use_model
from complex_lstm.ui.session.scene import page
from complex_lstm.ui.session.state import choose

SAMPLER_WORDS = {"tpe": "drawn by TPE from what earlier trials have reached", "random": "drawn at random"}


def draw_search(search: Search) -> None:
    """Draw what a search has found so far."""
    tried = search.tried
    if not any(np.isfinite(one.loss) for one in tried):
        st.caption("The trials appear here as soon as one is done.")
        return
    best = best_first(tried)[0]
    with st.container(key="view-search"):
        values = ", ".join(f"{SWEEPABLE[name].label} {value}" for name, value in best.values.items())
        st.markdown(f"**Lowest validation loss {best.loss:.4f}**, by trial {best.number}: {plain(values)}.")
        if pressed("Open the best model", key=f"train_search_open_{search.key}", icon="📌"):
            use_model(best.run)
            choose(run="", focus="", view="")  # a trial is no run of the list
            st.switch_page(page("explain"))
        losses = np.array([one.loss for one in tried])
        show_figure(
            search_history(np.array([one.number for one in tried]), losses, title=""),
            key=f"train_search_history_{search.key}",
            alt="The lowest validation loss of each trial, and of all trials before",
        )
        st.dataframe(
            trial_table(tried),
            key=f"train_search_table_{search.key}",
            hide_index=True,
            height="auto",
            column_config={"lowest validation loss": st.column_config.NumberColumn(format="%.4f")},
            alt="One row for each trial that has ended, the lowest validation loss first",
        )
        _draw_importances(search, int(np.isfinite(losses).sum()))
        plan = search.plan
        caption(
            data=plan.base.data_name,
            values=SAMPLER_WORDS[plan.sampler],
            seed=str(plan.base.training.seed),
            epochs=f"at most {plan.base.training.epochs}",
        )
        reading(
            "A dot is a trial, the line the lowest loss up to there: where it has long been flat, more trials find little. A "
            "combination that is drawn again is not trained again: its trial has the loss of the first one with it.",
            "Each combination was trained with one seed: the lowest of many losses is lower than the same model has with another seed, and "
            "small differences between the first rows are chance. One setting at a time, several seeds each, says how much a setting "
            "matters.",
        )


def trial_table(tried: tuple[Tried, ...]) -> pd.DataFrame:
    """Return the trials that have ended, the lowest loss first; what is true of none has no column."""
    rows = [
        {
            "trial": one.number,
            "lowest validation loss": one.loss,
            **{SWEEPABLE[name].label: value for name, value in one.values.items()},
            "drawn again": f"same as trial {one.trained_as}" if one.is_repeat else "",
            "best epoch": one.run.status.best_epoch,
            "seconds": 0 if one.is_repeat else round(one.run.status.seconds),
            "why it has no loss": one.run.status.message if np.isnan(one.loss) else "",
        }
        for one in best_first(tried)
    ]
    frame = pd.DataFrame(rows)
    return frame.drop(columns=[name for name in ("drawn again", "why it has no loss") if not frame[name].any()])


def _draw_importances(search: Search, known: int) -> None:
    """Draw the share of each setting in the spread of the losses, where Optuna is there to work it out and there are enough trials."""
    if not has_optuna():
        st.caption(f"How much each setting matters is worked out by Optuna, which this installation lacks: `{install_extra('optuna')}`")
        return
    if known < FEWEST:
        st.caption(f"How much each setting matters is worked out from {FEWEST} trials with a loss on.")
        return
    job = request_job(("importances", str(search.folder), known), lambda _: importances(search))
    wait_briefly([job])
    if is_awaited(job):
        rerun_when_done(job)
    if job.error_message:
        st.caption(plain(job.error_message))
    elif job.state == "done":
        shares = [f"{SWEEPABLE[name].label} {share:.0%}" for name, share in job.result.items()]
        words = f"Of the spread of these losses, {listed(shares, len(shares))}" if shares else "All losses are the same"
        st.markdown(f"{words}.", help="fANOVA (Hutter et al. 2014) as in Optuna: a forest is fitted to the losses of all trials.")
