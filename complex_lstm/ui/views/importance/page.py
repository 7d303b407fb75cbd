"""The attributions of a window by several methods, and the checks of these explanations."""

from __future__ import annotations

import streamlit as st

from complex_lstm.interpretation import METHODS
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.comparison import PAGE, compare, show_progress
from complex_lstm.ui.explaining.headline import show_headline
from complex_lstm.ui.explaining.request import draw_choices
from complex_lstm.ui.session.features import show_derived
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.state import choose_view
from complex_lstm.ui.views.importance.attention_view import show_attention_check
from complex_lstm.ui.views.importance.baseline_view import show_baselines, show_unsupported_methods
from complex_lstm.ui.views.importance.compare_view import show_comparison
from complex_lstm.ui.views.importance.faithfulness_view import show_faithfulness
from complex_lstm.ui.views.importance.known_view import show_known_answers
from complex_lstm.ui.views.importance.overall_view import show_overall
from complex_lstm.ui.views.importance.sanity_view import show_sanity

OF_COMPARISON = {
    "faithfulness": ("Faithfulness", show_faithfulness),
    "sanity": ("Sanity", show_sanity),
    "attention": ("Attention", show_attention_check),
}
OF_WINDOW = {"baselines": ("Baselines", show_baselines), "unfit": ("Why not these?", show_unsupported_methods)}
OF_MANY = {"known": ("Known answers", show_known_answers), "overall": ("All windows", show_overall)}
CHECKS = {name: label for name, (label, _) in (OF_COMPARISON | OF_MANY).items()}


def show_importance(scene: Scene) -> None:
    """Draw the maps of the chosen methods with their verdicts, the baselines compared, or why some methods are left out."""
    choice = draw_choices(scene)
    view = choose_view("importance", {"": "Compare"} | {name: label for name, (label, _) in OF_WINDOW.items()})
    show_derived(scene)
    with st.container(key="view-importance"):
        if view:
            OF_WINDOW[view][1](scene, choice)
        else:
            comparison = compare(scene, choice)
            show_progress(comparison)
            show_headline(PAGE, scene, choice)
            show_comparison(scene, choice, comparison)
    with st.expander("What each method does, and how it can mislead"):
        for method in METHODS.values():
            st.markdown(f"**{plain(method.label)}** {method.sentence}; {method.misleads}. Source: {plain(method.source)}.")


def show_check(scene: Scene, view: str) -> None:
    """Draw one check of the explanations of the window, or of many windows."""
    choice = draw_choices(scene)
    show_derived(scene)
    with st.container(key="view-importance"):
        if view in OF_MANY:
            OF_MANY[view][1](scene, choice.of_many)
        else:
            comparison = compare(scene, choice)
            show_progress(comparison)
            OF_COMPARISON[view][1](scene, choice, comparison)
