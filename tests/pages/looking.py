"""Looking at a page as its visitors do: until nothing is under way, at its words and at its charts."""

import time

from streamlit.testing.v1 import AppTest

PATIENCE = 60  # seconds


def finished(app: AppTest, *, patience: float = PATIENCE) -> AppTest:
    """Look again until nothing is under way, as the page's own polling does in a browser."""
    end = time.monotonic() + patience
    while any(button.key and button.key.endswith("_stop") for button in app.button):
        assert time.monotonic() < end, "still computing"
        time.sleep(0.2)
        app.run()
    assert not app.exception and not app.error
    return app


def words(app: AppTest) -> str:
    return " ".join(one.value for one in (*app.markdown, *app.caption, *app.info))


def all_words(app: AppTest) -> str:
    """Return the words of messages too."""
    return " ".join([words(app), *(one.value for one in (*app.success, *app.warning, *app.error))])


def charts(app: AppTest) -> set[str]:
    """Return the keys of the charts."""
    return {one.proto.id.rsplit("-", 1)[-1] for one in app.get("plotly_chart")}
