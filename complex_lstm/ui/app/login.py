"""The button by which a visitor logs in, and out again, where the configuration names a provider."""

from __future__ import annotations

import streamlit as st

from complex_lstm.config.serving import LoginSection
from complex_lstm.ui.compute.login import identity_in, login_offered
from complex_lstm.ui.session.messages import plain


def require_login() -> None:
    """End the page of a visitor who has not logged in, where only who has sees one."""
    offered = login_offered()
    if offered and offered.required and identity_in(st.context.cookies) is None:
        st.title("ComplexLSTM Explorer", anchor=False)
        st.markdown("Log in to see your files, models and runs. They are kept under your login, apart from those of others.")
        _draw_login(offered)
        st.stop()


def draw_login() -> None:
    """Draw who has logged in and the button to log out, or the button to log in, below the pages' names."""
    offered = login_offered()
    if offered is None:
        return
    with st.sidebar:
        if found := identity_in(st.context.cookies):
            st.caption(f"Logged in as {plain(found.name)}")
            st.button("Log out", key="login_out", icon="🚪", on_click=st.logout)
        else:
            _draw_login(offered)
            st.caption("What you keep without a login belongs to this browser, and stays with it.")


def _draw_login(offered: LoginSection) -> None:
    st.button(plain(f"Log in with {offered.provider}"), key="login_in", icon="🔑", on_click=st.login)
