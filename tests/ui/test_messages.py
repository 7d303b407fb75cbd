"""Names from files on the screen: as plain text, whatever they hold."""

import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.ui.session.messages import WORD_JOINER, plain
from complex_lstm.ui.session.state import Selection
from tests.pages.conftest import PATIENCE


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("![](x.png)", r"\!\[\]\(x.png\)"),
        ("<img src=x onerror=alert(1)>", r"\<img src\=x onerror\=alert\(1\)\>"),
        ("$a$", r"\$a\$"),
        (":red[x]", r"\:red\[x\]"),
        ("*b* _c_ `d` ~e~", r"\*b\* \_c\_ \`d\` \~e\~"),
        ("1. # heading", r"1\. \# heading"),
        ("12.5", "12.5"),
        ("&lt;b&gt;", r"\&lt;b\&gt;"),
        ("wind speed, km/h", "wind speed, km/h"),
    ],
)
def test_whatever_markdown_reads_is_escaped(name: str, escaped: str) -> None:
    assert plain(name) == escaped


@pytest.mark.parametrize(
    ("name", "kept_apart"),
    [
        ("http://a.b", r"http\:|//a.b"),
        ("www.a.b", "www|.a.b"),
        ("me@a.b", "me@|a.b"),
        (":material/home:", r"\:|material/home\:"),
        ("a <- b", r"a \<|\- b"),
        ("a >= b", r"a \>|\= b"),
        ("a <-> b -- c", r"a \<|\-|\> b \-|\- c"),
    ],
)
def test_addresses_icons_and_arrows_are_kept_apart(name: str, kept_apart: str) -> None:
    """Streamlit once made links, an icon and an arrow of them although they were escaped: it looks at the text behind the escapes."""
    assert plain(name).replace(WORD_JOINER, "|") == kept_apart


def test_numbers_are_text_too() -> None:
    assert plain(-1.5) == r"\-1.5"


def test_a_caption_names_its_facts_and_leaves_out_what_does_not_apply() -> None:
    def script() -> None:
        from complex_lstm.ui.session.messages import caption

        caption(method="Ablation", steps="", baseline=None, windows_over_a_gap=0, target="*temp*")

    shown = AppTest.from_function(script, default_timeout=PATIENCE).run().caption[0].value

    assert shown == r"**method** Ablation · **windows over a gap** 0 · **target** \*temp\*"


def test_our_own_errors_are_one_message_with_a_way_out_and_the_page_goes_on() -> None:
    def script() -> None:
        import streamlit as st

        from complex_lstm.errors import CsvError
        from complex_lstm.ui.session.messages import errors_shown

        with errors_shown():
            raise CsvError("line 3 of *f.csv* is odd")
        st.write("and on")

    page = AppTest.from_function(script, default_timeout=PATIENCE).run()

    assert [one.value for one in page.error] == [r"line 3 of \*f.csv\* is odd"]
    assert not page.exception and page.markdown[-1].value == "and on"
    page.session_state["selection"] = "broken"
    page.button(key="messages_start_over").click().run()
    assert page.session_state["selection"] == Selection()


def test_errors_within_errors_have_one_way_out() -> None:
    """The button was drawn twice under one key, which Streamlit refuses."""

    def script() -> None:
        from complex_lstm.errors import CsvError, DataError
        from complex_lstm.ui.session.messages import errors_shown

        with errors_shown():
            with errors_shown():
                raise CsvError("inner")
            with errors_shown([]):
                raise CsvError("inner")
            raise DataError("outer")

    page = AppTest.from_function(script, default_timeout=PATIENCE).run()

    assert not page.exception and [one.value for one in page.error] == ["inner", "outer"] and len(page.button) == 1


def test_what_a_click_could_not_do_is_told_once() -> None:
    def script() -> None:
        import streamlit as st

        from complex_lstm.errors import TrainingError
        from complex_lstm.ui.session.messages import errors_shown, keep_errors, show_trouble

        def fail(name: str) -> None:
            raise TrainingError(f"{name} is gone")

        with errors_shown():
            show_trouble()
            with errors_shown():
                if st.button("Delete", key="delete", on_click=keep_errors(fail), args=("*one*",)):
                    raise TrainingError("*one* is gone")

    page = AppTest.from_function(script, default_timeout=PATIENCE).run()
    page.button(key="delete").click().run()
    assert not page.exception and [one.value for one in page.error] == [r"\*one\* is gone"]

    page.run()

    assert not page.error


def test_other_errors_are_not_swallowed() -> None:
    def script() -> None:
        from complex_lstm.ui.session.messages import errors_shown

        with errors_shown():
            raise KeyError("ours to mend")

    page = AppTest.from_function(script, default_timeout=PATIENCE).run()

    assert len(page.exception) == 1 and not page.error
