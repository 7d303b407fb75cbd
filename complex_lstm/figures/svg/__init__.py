"""A Plotly figure as SVG, drawn without a browser: for a report that opens offline, and to be taken along.

It draws what our figures use: lines, markers, bands, bars, histograms, heat maps, reference lines and shades. It is plainer
than the figure on the screen (one shape of marker, few ticks), and shows the same numbers.
"""

from complex_lstm.figures.svg.figure import figure_svg

__all__ = ["figure_svg"]
