"""The canvases: Python face, JavaScript and CSS. They know no session."""
