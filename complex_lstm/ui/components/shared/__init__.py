"""What the canvas components share: how they are mounted, the message to the browser, and the agreement with it."""

from complex_lstm.ui.components.shared.component import Agreement, Report, agree, float32, message, mount_canvas, packed_palette, token_of

__all__ = ["Agreement", "Report", "agree", "float32", "message", "mount_canvas", "packed_palette", "token_of"]
