"""What the visitor looks at, and the words, widgets and progress around it."""
