"""Explain: one window in linked panes, each of which opens large in its place."""

from complex_lstm.ui.session.scene import open_scene
from complex_lstm.ui.views.explain.overview import follow_panes, show_overview

follow_panes()
scene = open_scene()
show_overview(scene)
