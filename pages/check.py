"""Check: whether the model, and its explanations, can be relied on."""

from complex_lstm.ui.session.scene import open_scene
from complex_lstm.ui.session.state import choose_view
from complex_lstm.ui.views.check.scores import show_model_scores
from complex_lstm.ui.views.importance.page import CHECKS, show_check
from complex_lstm.ui.views.model_card import show_model_card

scene = open_scene(show_model_card)
view = choose_view("check", {"": "Scores"} | CHECKS)
if view:
    show_check(scene, view)
else:
    show_model_scores(scene)
