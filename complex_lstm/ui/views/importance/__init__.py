"""The views of the Feature importance page, each a module, and what they share: the choices and the comparison."""
