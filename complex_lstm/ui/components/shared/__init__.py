"""What the canvas components share: how they are mounted, the message to the browser, and the agreement on a view."""

from complex_lstm.ui.components.shared.component import (
    Agreement,
    ViewReport,
    agree,
    float32,
    message,
    mount_canvas,
    new_report,
    packed_palette,
    token_of,
)

__all__ = ["Agreement", "ViewReport", "agree", "float32", "message", "mount_canvas", "new_report", "packed_palette", "token_of"]
