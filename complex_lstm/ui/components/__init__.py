"""The canvas components: each has a Python function, JavaScript, HTML and CSS. They know nothing of the session."""
