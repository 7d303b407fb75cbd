"""The selection: into a link and out of it again, and what a choice makes the app forget."""

from streamlit.testing.v1 import AppTest

from complex_lstm.ui.session.link import write_parameters
from complex_lstm.ui.session.state import Selection

FULL = Selection.of(
    data="nyc_weather", model="0123456789abcdef0123", setup="0123456789abcdef0124", stride=24, window=7, target=1, layer=0, head=3,
    map="average", query=0, key=9, baseline="zero", run="0123456789abcdef0125", averages="all",
)  # fmt: skip


def session(link: dict[str, str], **changes: object) -> tuple[Selection, dict[str, str]]:
    """Open a link, change the selection, and return it with the link that then stands in the address bar."""

    def script(changes: dict[str, str | int | None]) -> None:
        import streamlit as st

        from complex_lstm.ui.session.state import adopt_link, choose, current, publish

        adopt_link()
        choose(**changes)
        publish()
        st.session_state["seen"] = current()

    app = AppTest.from_function(script, kwargs={"changes": changes})
    app.query_params.update(link)
    app.run()
    assert not app.exception
    return app.session_state["seen"], {name: str(value) for name, value in app.query_params.items()}


def test_a_link_carries_the_whole_selection() -> None:
    chosen = {name: value for name, value in write_parameters(FULL).items() if name not in ("window", "query", "key")}
    _, link = session({}, **chosen)
    _, link = session(link, window=7, query=0, key=9)

    assert session(link)[0] == FULL


def test_a_choice_outlives_a_link_that_never_reached_the_address_bar() -> None:
    """A click that ends a run takes what it wrote with it: the old address then came back as if the visitor had gone there."""

    def script() -> None:
        import streamlit as st

        from complex_lstm.ui.session.state import adopt_link, choose, current, publish

        adopt_link()
        if st.session_state.pop("choosing", False):
            choose(window=7)
        publish()
        st.session_state["now"] = current()

    app = AppTest.from_function(script)
    app.query_params.update({"data": "d", "window": "3"})
    app.run()
    app.session_state["choosing"] = True
    app.run()
    app.query_params["window"] = "3"  # the browser never heard of 7

    app.run()

    assert app.session_state["now"] == Selection.of(data="d", window=7) and app.query_params["window"] == "7"
    app.query_params["window"] = "5"  # the visitor types another address
    assert app.run().session_state["now"] == Selection.of(data="d", window=5)


def test_what_is_not_chosen_is_not_in_the_link() -> None:
    assert session({"data": "nyc_weather"}, head=None, map="") == (Selection.of(data="nyc_weather"), {"data": "nyc_weather"})


def test_what_is_no_number_in_a_link_is_not_chosen() -> None:
    odd = {"window": "abc", "head": "-1", "layer": "1.5", "target": "9" * 30, "query": "²", "key": "", "surplus": "x"}

    assert session({"data": "d"} | odd) == (Selection.of(data="d"), {"data": "d"})


def test_other_data_keeps_nothing_of_the_old_view() -> None:
    seen, _ = session({"data": "a", "model": "m", "window": "3", "target": "1", "head": "2"}, data="b", model="m", setup="")

    assert seen == Selection.of(data="b", model="m")


def test_another_window_keeps_the_head_and_forgets_the_moments_and_edits() -> None:
    before = {"data": "a", "model": "m", "window": "3", "head": "2", "query": "5", "key": "6", "edits": "swap_1_2_0_7"}

    assert session(before, window=4)[0] == Selection.of(data="a", model="m", window=4, head=2)
    assert session(before, window=3)[0].attention.query == 5 and session(before, window=3)[0].edits == "swap_1_2_0_7"
