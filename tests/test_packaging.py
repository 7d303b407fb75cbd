"""What `pip install .` installs: what it needs, what lies in it, and the commands that it gives."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from packaging.requirements import Requirement

import complex_lstm
from complex_lstm import locations
from complex_lstm.cli import main
from complex_lstm.cli.group import COMMANDS
from complex_lstm.errors import install_extra

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TESTED = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return ZipFile(next(folder.glob("*.whl")))


def test_the_project_needs_what_is_tested_and_nothing_else() -> None:
    assert [Requirement(text).name for text in PROJECT["dependencies"]] == list(TESTED)


@pytest.mark.parametrize("text", PROJECT["dependencies"])
def test_the_tested_version_is_the_least_of_its_range_or_later_and_the_range_ends(text: str) -> None:
    needed = Requirement(text)

    assert needed.specifier.contains(TESTED[needed.name])
    assert {one.operator for one in needed.specifier} == {">=", "<"}


@pytest.mark.parametrize("extra", PROJECT["optional-dependencies"])
def test_messages_install_an_extra_of_this_project(extra: str) -> None:
    assert install_extra(extra) == f"pip install '{PROJECT['name']}[{extra}]'"


@pytest.mark.parametrize(
    "text", [text for name, extra in PROJECT["optional-dependencies"].items() for text in extra if name not in ("mlflow", "wandb", "ray")]
)
def test_the_version_of_an_extra_that_is_tested_is_in_its_range(text: str) -> None:
    """The loggers of MLflow and Weights & Biases, and Ray, are large, and tested where they are installed."""
    needed, pinned = Requirement(text), (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")

    tested = dict(re.findall(r"^([\w-]+)==(\S+)", pinned, re.MULTILINE))

    assert needed.specifier.contains(tested[needed.name]) and {one.operator for one in needed.specifier} == {">=", "<"}


@pytest.mark.parametrize("folder", ["complex_lstm", "pages", "sample_data"])
def test_the_wheel_has_every_file_of_a_folder_of_the_repository(wheel: ZipFile, folder: str) -> None:
    place = "complex_lstm/" if folder == "complex_lstm" else f"complex_lstm/_shipped/{folder}/"
    files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]

    missing = {place + path.relative_to(ROOT / folder).as_posix() for path in files} - set(wheel.namelist())

    assert len(files) >= 8 and missing == set()


def test_the_wheel_has_the_main_script_its_settings_and_the_licences(wheel: ZipFile) -> None:
    shipped, notes = "complex_lstm/_shipped/", f"complex_lstm_explorer-{complex_lstm.__version__}.dist-info/"

    assert wheel.read(f"{shipped}app.py") == locations.APP.read_bytes()
    assert wheel.read(f"{shipped}.streamlit/config.toml") == (ROOT / ".streamlit/config.toml").read_bytes()
    assert wheel.read(f"{notes}entry_points.txt").decode().split() == ["[console_scripts]", "complex-lstm", "=", "complex_lstm.cli:main"]
    assert {f"{notes}licenses/LICENSE", "complex_lstm/py.typed"} <= set(wheel.namelist())


def test_the_wheel_has_nothing_of_a_checkout_beside_the_package(wheel: ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}

    assert tops == {"complex_lstm", f"complex_lstm_explorer-{complex_lstm.__version__}.dist-info"}
    assert not [name for name in wheel.namelist() if "__pycache__" in name or name.endswith(".pyc")]


def test_a_checkout_finds_its_own_files() -> None:
    assert locations.ROOT == ROOT
    assert locations.APP.is_file() and (locations.PAGES / "start.py").is_file() and (locations.SAMPLE_DATA / "nyc_weather.csv").is_file()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_group_says_of_a_command_what_the_command_says_of_itself(name: str) -> None:
    told = CliRunner().invoke(main, [name, "--help"])

    assert told.exit_code == 0 and COMMANDS[name][1] == (main.commands[name].help or "").splitlines()[0]


def test_help_lists_every_command_without_importing_it() -> None:
    done = subprocess.run([sys.executable, "-X", "importtime", "-m", "complex_lstm", "--help"], capture_output=True, text=True, cwd=ROOT)

    assert done.returncode == 0 and re.findall(r"^  ([\w-]+) +\w", done.stdout.split("Commands:")[1], re.MULTILINE) == list(COMMANDS)
    assert not {"torch", "pandas", "streamlit"} & {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}


def test_app_passes_other_options_on_and_streamlit_refuses_what_it_does_not_know() -> None:
    told = CliRunner().invoke(main, ["app", "--port", "8601", "--no-such-option"])

    assert told.exit_code == 2 and "No such option '--no-such-option'" in told.output
