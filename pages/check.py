"""Check: whether the model, and its explanations, can be relied on."""

from collections.abc import Callable

import streamlit as st

from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.taking_model import offer_model
from complex_lstm.ui.session.scene import has_output, open_scene, show_no_prediction
from complex_lstm.ui.session.state import choose_view
from complex_lstm.ui.views.check.calibration import show_calibration
from complex_lstm.ui.views.check.curves import show_curves
from complex_lstm.ui.views.check.intervals import show_intervals
from complex_lstm.ui.views.check.part import chosen_part
from complex_lstm.ui.views.check.report import offer_check_report
from complex_lstm.ui.views.check.residuals import show_residuals
from complex_lstm.ui.views.check.scores import show_model_scores
from complex_lstm.ui.views.check.shift import show_shift
from complex_lstm.ui.views.check.simple import show_simple_models
from complex_lstm.ui.views.check.slices import show_slices
from complex_lstm.ui.views.check.summary import show_summary
from complex_lstm.ui.views.check.window_map import show_window_map
from complex_lstm.ui.views.importance.findings import describe_checks
from complex_lstm.ui.views.importance.page import CHECKS, show_check
from complex_lstm.ui.views.model_card import show_model_card

OF_MODEL = {
    "": ("Scores", show_model_scores),
    "simple": ("Simple models", show_simple_models),
    "slices": ("Slices", show_slices),
    "shift": ("Shift", show_shift),
    "map": ("Map of windows", show_window_map),
}
OF_CLASSES: dict[str, tuple[str, Callable[[Scene], None]]] = {  # views that only classes have, and those of values
    "calibration": ("Calibration", show_calibration),
    "curves": ("ROC and PR", show_curves),
}
OF_VALUES: dict[str, tuple[str, Callable[[Scene], None]]] = {
    "residuals": ("Residuals", show_residuals),
    "intervals": ("Intervals", show_intervals),
}

scene = open_scene(show_model_card, explains=False)
summary = st.container(key="check_summary")
of_model = OF_MODEL | (OF_CLASSES if scene.is_classes else OF_VALUES)
view = choose_view("importance", {name: label for name, (label, _) in of_model.items()} | CHECKS)
if view in of_model:
    of_model[view][1](scene)
    offer_check_report(scene, chosen_part(scene))
    offer_model(scene.keys[1])
elif has_output(scene):
    show_check(scene, view)
else:
    show_no_prediction(scene)
with summary:  # last, so that it has what the view below has computed
    show_summary(scene, describe_checks(scene) if has_output(scene) else "it has no prediction, so there are none")
