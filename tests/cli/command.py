"""Commands as a stranger runs them, for the tests of the command line."""

from click.testing import CliRunner, Result

from complex_lstm.cli import main

SMALL = ("--hidden", "16", "--lstm-layers", "2", "--epochs", "2", "--batch-size", "16")
PLACES = ["series", "part", "first_step", "last_step", "first_time", "last_time"]


def run(*arguments: object) -> Result:
    """Run a command as a stranger would; an error of ours has exit code 1, and any other error is not caught."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def told(result: Result) -> str:
    """Return the one sentence (or two) on stderr of a command that failed as it should."""
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    lines = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1 and result.stderr.rstrip().endswith(lines[0])
    return lines[0]
