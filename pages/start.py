"""Start: what the app is, the samples, and the upload of one's own file."""

import streamlit as st

from complex_lstm.model.device import device_name, pick_device
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute import cache
from complex_lstm.ui.session.messages import caption, plain
from complex_lstm.ui.session.scene import model_name, open_whole, page, title_of
from complex_lstm.ui.session.state import current
from complex_lstm.ui.session.uploads import upload_data, upload_model
from complex_lstm.ui.views.classroom.joining import show_joining
from complex_lstm.ui.views.start.kept_files import show_kept
from complex_lstm.ui.views.train.quick_model import is_quick_under_way, offer_quick_model

show_joining()
st.markdown(
    "ComplexLSTM reads a window of a time series with convolutions, a gate, BiLSTM blocks, attention and an ensemble. "
    "This app runs it on your data and shows what each part does: which time steps it attends to, how the gate mixes two "
    "convolution stages, where its ensemble heads disagree, and which features matter by several methods. "
    "Every number is the model's own, computed on the data that is open; each page says how it can mislead."
)

if (data := current().opened.data) and cache.is_readable(data) and (is_quick_under_way() or not current().opened.model):
    with st.container(border=True, key="start_own"):
        st.markdown(f"**{plain(title_of('data', data))}** is open, and no model for it yet.")
        offer_quick_model()

with st.container(key="view-samples"):
    st.header("Open a trained example")
    for column, sample in zip(st.columns(len(SAMPLES)), SAMPLES.values(), strict=True):
        with column.container(border=True, height="stretch"):
            with st.container(height="stretch", gap="xsmall"):
                st.markdown(f"**{sample.icon} {sample.title}**")
                st.write(sample.sentence)
                st.caption(sample.credit)
            if st.button("Open", key=f"start_open_{sample.key}", on_click=open_whole, args=(sample.key,), type="primary"):
                st.switch_page(page("explain"))

st.header("Or bring your own")
left, right = st.columns(2)
with left:
    upload_data("start_upload_data")
    if current().opened.data:
        st.page_link(page("data"), label="Look at the data and confirm its columns", icon="📄")
with right:
    upload_model("start_upload_model")
    if current().opened.model:
        label = "See what the model predicts" if current().opened.data else "See what is known of the model"
        st.page_link(page("explain"), label=label, icon="🎯")

show_kept()
caption(
    device=device_name(pick_device()),
    model=model_name(current().opened.model) if current().opened.model else "none open",
    uploads="stay on the machine that runs this app",
)
