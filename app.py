"""ComplexLSTM Explorer. Start it with `streamlit run app.py`."""

from starlette.middleware import Middleware
from streamlit import App

from complex_lstm.ui.warm_up import Headers, warm_up

app = App("complex_lstm/ui/router.py", lifespan=warm_up, middleware=[Middleware(Headers)])
