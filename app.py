"""ComplexLSTM Explorer. Start it with `streamlit run app.py`, or `complex-lstm app` where it is installed."""

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from streamlit import App, get_option

from complex_lstm.config.serving import ServerSection, served
from complex_lstm.ui.app import router
from complex_lstm.ui.app.classroom import class_routes
from complex_lstm.ui.app.gate import Gate
from complex_lstm.ui.app.health import health_routes
from complex_lstm.ui.app.json_log import log_as_json
from complex_lstm.ui.app.middleware import Addresses, Headers, OwnOrigin, Shell
from complex_lstm.ui.app.warm_up import warm_up
from complex_lstm.ui.compute.login import login_secrets

told = served()
tls = "https" if get_option("server.sslCertFile") else "http"
server, base = told.server if told else ServerSection(), get_option("server.baseUrlPath") or ""
if told and told.log.format == "json":
    log_as_json()
# Streamlit checks the allowed hosts for its WebSocket only; this middleware checks every request.
hosts = [*(get_option("server.allowedHosts") or ["*"])]
app = App(
    router.__file__,
    lifespan=warm_up,
    routes=[*health_routes(base), *class_routes(base)],
    secrets=login_secrets(told),
    middleware=[
        Middleware(Headers, ancestors=server.frame_ancestors),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts),
        Middleware(OwnOrigin, scheme=server.scheme if told else tls, others=get_option("server.corsAllowedOrigins")),
        Middleware(Gate, base=base),
        Middleware(Addresses),
        Middleware(Shell, base=base, ancestors=server.frame_ancestors),
    ],
)
