"""Train: a new run with its settings, the chosen run, all runs side by side, and sweeps."""

import streamlit as st

from complex_lstm.ui.session.messages import errors_shown
from complex_lstm.ui.session.runs import all_runs, find_run
from complex_lstm.ui.session.scene import end_unreadable, offer_samples
from complex_lstm.ui.session.state import current
from complex_lstm.ui.session.trash import offer_undo
from complex_lstm.ui.views.train.dynamics import show_dynamics
from complex_lstm.ui.views.train.run_list import choose_run, compare_runs, manage_run, offer_import, offer_unreadable
from complex_lstm.ui.views.train.sensitivity import show_sensitivity
from complex_lstm.ui.views.train.starting import offer_start, open_training_data, show_training_data
from complex_lstm.ui.views.train.watching import offer_each_score, show_run

shown: list[str] = []  # the errors that the page has shown
if not current().opened.data:
    offer_samples()
else:
    end_unreadable(current())
    with errors_shown(shown), st.container(key="view-lesson"):
        source = open_training_data()
        show_training_data(source)
        st.header("A new run")
        offer_start(source, shown)

offer_undo()
runs = all_runs()
if current().training.run:
    with errors_shown(shown):
        find_run(current().training.run)
if runs:
    st.header("The run")
    with errors_shown(shown):
        chosen = choose_run(runs)
        show_run(chosen)
        manage_run(chosen)
        offer_each_score(chosen)
        show_dynamics(chosen)
    st.header("All runs")
    compare_runs(runs, chosen)
elif current().opened.data:
    st.caption("There are no runs yet. A run trains in a process of its own; its curves appear here.")
offer_unreadable()
offer_import()
show_sensitivity(chosen if runs else None, shown)
