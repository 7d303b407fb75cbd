"""About the model: the numbers in the architecture document compared with those counted and measured here."""

import streamlit as st

from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.views.claims.counting import show_memory, show_parameters
from complex_lstm.ui.views.claims.findings import claims_found, list_findings, strengths_and_weaknesses
from complex_lstm.ui.views.claims.flow_view import show_flow
from complex_lstm.ui.views.claims.statements import show_statements
from complex_lstm.ui.views.claims.subject import FullSizeModel, find_subject, offer_opening
from complex_lstm.ui.views.claims.timing_view import show_times

subject = find_subject()
scene = None if isinstance(subject, FullSizeModel) else subject.scene
st.markdown(
    "The architecture document claims parameters, memory and growth for a model of full size: 256 channels, 4 BiLSTM blocks, 8 attention "
    f"heads. Below, its claims are compared with counts, and with measurements on this machine with {plain(subject.name)}."
)
with st.container(key="view-claims"):
    st.header("Parameters")
    show_parameters(subject)
    st.header("Memory")
    show_memory(subject)
    st.header("Time, measured here")
    times = show_times(subject)
    st.header("Gradients")
    if scene:
        flows = show_flow(scene)
    else:
        offer_opening()

st.header("What the document claims, and what is found")
list_findings(claims_found(times, flows if scene else None, scene.model.gradient_scale.item() if scene else None))
st.header("Every statement of the document")
show_statements(subject)
st.header("Strengths and weaknesses")
st.markdown("Questions that the document does not answer, with the evidence so far. The questions are ours.")
list_findings(strengths_and_weaknesses(times))
