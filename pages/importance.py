"""Feature importance: explanations side by side, and how far each can be trusted."""

import streamlit as st

from complex_lstm.interpretation import METHODS
from complex_lstm.ui.explaining.request import draw_choices
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import describe_window, open_scene
from complex_lstm.ui.session.state import choose_view
from complex_lstm.ui.views.importance.attention_view import show_attention_check
from complex_lstm.ui.views.importance.baseline_view import show_baselines, show_unsupported_methods
from complex_lstm.ui.views.importance.compare_view import show_comparison
from complex_lstm.ui.views.importance.comparison import compare, show_progress
from complex_lstm.ui.views.importance.faithfulness_view import show_faithfulness
from complex_lstm.ui.views.importance.known_view import show_known_answers
from complex_lstm.ui.views.importance.overall_view import show_overall
from complex_lstm.ui.views.importance.sanity_view import show_sanity

OF_COMPARISON = {
    "": ("Compare", show_comparison),
    "faithfulness": ("Faithfulness", show_faithfulness),
    "sanity": ("Sanity", show_sanity),
    "attention": ("Attention", show_attention_check),
}
OF_WINDOW = {"baselines": ("Baselines", show_baselines), "unfit": ("Why not these?", show_unsupported_methods)}
OF_MANY = {"known": ("Known answers", show_known_answers), "overall": ("All windows", show_overall)}
VIEWS = OF_COMPARISON | OF_MANY | OF_WINDOW

st.title("Feature importance")
scene = open_scene()
choice = draw_choices(scene)
view = choose_view("importance", {name: label for name, (label, _) in VIEWS.items()})

with st.container(key="view-importance"):
    if view not in OF_MANY:
        st.subheader(f"Window {scene.number}: {describe_window(scene)}")
    if view in OF_COMPARISON:
        comparison = compare(scene, choice)
        show_progress(comparison)
        OF_COMPARISON[view][1](scene, choice, comparison)
    else:
        (OF_MANY | OF_WINDOW)[view][1](scene, choice)

with st.expander("What each method does, and how it can mislead"):
    for method in METHODS.values():
        st.markdown(f"**{plain(method.label)}** {method.sentence}; {method.misleads}. Source: {plain(method.source)}.")
