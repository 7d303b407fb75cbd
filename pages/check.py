"""Check: whether the model, and its explanations, can be relied on."""

import streamlit as st

from complex_lstm.ui.explaining.taking_model import offer_model
from complex_lstm.ui.session.scene import has_output, open_scene, show_no_prediction
from complex_lstm.ui.session.state import choose_view
from complex_lstm.ui.views.check.scores import show_model_scores
from complex_lstm.ui.views.check.summary import show_summary
from complex_lstm.ui.views.check.window_map import show_window_map
from complex_lstm.ui.views.importance.findings import describe_checks
from complex_lstm.ui.views.importance.page import CHECKS, show_check
from complex_lstm.ui.views.model_card import show_model_card

OF_MODEL = {
    "": ("Scores", show_model_scores),
    "map": ("Map of windows", show_window_map),
}

scene = open_scene(show_model_card, explains=False)
summary = st.container(key="check_summary")
view = choose_view("importance", {name: label for name, (label, _) in OF_MODEL.items()} | CHECKS)
if view in OF_MODEL:
    OF_MODEL[view][1](scene)
    offer_model(scene.keys[1])
elif has_output(scene):
    show_check(scene, view)
else:
    show_no_prediction(scene)
with summary:  # last, so that it has what the view below has computed
    show_summary(scene, describe_checks(scene) if has_output(scene) else "it has no prediction, so there are none")
