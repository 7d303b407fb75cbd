"""The views of the Feature importance page, each in a module, and the comparison of methods that they share."""
