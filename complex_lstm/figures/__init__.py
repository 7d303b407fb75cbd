"""Numbers in, `plotly.graph_objects.Figure` out. Knows no torch and no Streamlit."""
