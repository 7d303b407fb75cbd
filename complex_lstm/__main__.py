"""`python -m complex_lstm`."""

from complex_lstm.cli import main

if __name__ == "__main__":
    main()
