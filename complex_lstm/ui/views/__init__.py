"""One folder a page. None of them knows another."""
