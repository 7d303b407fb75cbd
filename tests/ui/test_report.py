"""The words of the report: Markdown of the pages as HTML, with every name from a file as text."""

import pytest

from complex_lstm.ui.explaining.report import from_markdown
from complex_lstm.ui.session.messages import plain


@pytest.mark.parametrize("name", ["temp", "a**b**", "<img src=x>", r"back\slash", "www.x.org", "x_1 [2](http://y)", "1. first"])
def test_an_escaped_name_is_the_name_again(name: str) -> None:
    as_html = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert from_markdown(f"It rests on **{plain(name)}** most.") == f"It rests on <b>{as_html}</b> most."
