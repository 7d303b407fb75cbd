"""The command serve-predict: one model's predictions over HTTP."""

from __future__ import annotations

from pathlib import Path

import click

from complex_lstm.cli.group import FILE, main
from complex_lstm.cli.opening import load_whole
from complex_lstm.endpoint.engines import EngineName, open_engine
from complex_lstm.model.device import settle_threads


@main.command("serve-predict")
@click.argument("checkpoint", type=FILE)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on. Whoever reaches it can ask.")
@click.option("--port", type=click.IntRange(0, 65535), default=8600, show_default=True, help="The port to listen on; 0 is any free one.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "onnx", "torch"]),
    default="auto",
    show_default=True,
    help="ONNX Runtime is faster for single windows (the extra 'onnx'); auto takes it where it is installed.",
)
def serve_predict(checkpoint: Path, host: str, port: int, engine: EngineName) -> None:
    """Answer with a model's predictions over HTTP, for a stream of single windows.

    POST /predict with {"windows": [[[numbers of a step], ...], ...]}. Numbers are in the file's units, in the order of the features that
    GET / lists, null where one is missing. Requests that come together share a forward pass. There is no login: what listens beyond
    this machine belongs behind a proxy. Ctrl+C ends it.
    """
    loaded = load_whole(checkpoint)
    settle_threads(loaded.model.config.hidden_dim)
    opened = open_engine(loaded.model, engine)

    import uvicorn

    from complex_lstm.endpoint.app import endpoint_app

    told = f", whose outputs lie {opened.deviation:.1g} of the largest from the model's" if opened.deviation else ""
    click.echo(f"{checkpoint.name} by {opened.name}{told}.")
    uvicorn.run(endpoint_app(loaded, opened, checkpoint.name), host=host, port=port, log_level="info", access_log=False)
