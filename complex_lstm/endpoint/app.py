"""The routes: what the model is, its predictions, and whether it is well."""

from __future__ import annotations

import json

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from complex_lstm.endpoint.batching import Batcher
from complex_lstm.endpoint.engines import Engine
from complex_lstm.endpoint.windows import answers, needs_last, read_windows
from complex_lstm.errors import DataError
from complex_lstm.model import Checkpoint

MOST_BYTES = 64 << 20  # of a request's body


def endpoint_app(loaded: Checkpoint, engine: Engine, name: str) -> Starlette:
    """Return the application that answers for a checkpoint, called by its file's name.

    GET /        what the model takes and gives
    POST /predict  {"windows": [...]}, answered by {"predictions": [...]}, one for each window; see `read_windows`
    GET /healthz  how many passes were made
    """
    batcher = Batcher(engine)

    async def describe(request: Request) -> JSONResponse:
        schema, window = loaded.schema, loaded.window
        return JSONResponse(
            {
                "model": name,
                "features": list(schema.roles.features),
                "steps": None if window.whole_series else window.length,
                "task": schema.roles.task,
                "outputs": list(schema.outputs),
                "needs_last": needs_last(loaded),
                "temperature": loaded.scaling.temperature,
                "engine": engine.name,
                "deviation": engine.deviation,
            }
        )

    async def predict(request: Request) -> JSONResponse:
        try:
            asked = read_windows(json.loads(await _body(request)), loaded)
        except (ValueError, RecursionError):  # also of what is no UTF-8
            return _refused("The body is no JSON.")
        except DataError as error:
            return _refused(str(error))
        outputs = await batcher.outputs(asked.scaled)
        return JSONResponse({"predictions": answers(outputs, asked, loaded)})

    async def health(request: Request) -> JSONResponse:
        return JSONResponse({"ok": True, "engine": engine.name, "passes": batcher.passes})

    return Starlette(
        routes=[
            Route("/", describe),
            Route("/predict", predict, methods=["POST"]),
            Route("/healthz", health),
        ]
    )


async def _body(request: Request) -> bytes:
    """Return a request's body.

    Raises:
        DataError: it has more bytes than are read.
    """
    found = bytearray()
    try:
        async for part in request.stream():
            found += part
            if len(found) > MOST_BYTES:
                raise DataError(f"The body has more than {MOST_BYTES >> 20} MB: send fewer windows at once.")
    except ClientDisconnect:
        raise DataError("The connection ended before the body.") from None
    return bytes(found)


def _refused(words: str) -> JSONResponse:
    return JSONResponse({"error": words}, status_code=400)
