"""The command app: the dashboard, from wherever the package is installed."""

from __future__ import annotations

import click

from complex_lstm.cli.group import main
from complex_lstm.locations import APP


@main.command("app", context_settings={"ignore_unknown_options": True})
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on. [default: 8501, or the next that is free]")
@click.option("--browser/--no-browser", default=None, help="Open the dashboard in the browser. [default: where there is a screen]")
@click.argument("options", metavar="[STREAMLIT OPTIONS]", nargs=-1, type=click.UNPROCESSED)
def app(port: int | None, browser: bool | None, options: tuple[str, ...]) -> None:
    """Start the dashboard, and open it in the browser.

    It listens on this machine only, and sends no statistics. Other options are Streamlit's own, such as
    --server.maxUploadSize=500; `streamlit run --help` lists them. Ctrl+C ends it.
    """
    from streamlit.web.cli import main as streamlit  # its import takes a second, which --help need not wait for

    ours = [f"--server.port={port}"] if port is not None else []
    ours += [f"--server.headless={str(not browser).lower()}"] if browser is not None else []
    streamlit(["run", str(APP), *ours, *options], prog_name="streamlit")
