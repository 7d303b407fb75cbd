"""The command serve: which options Streamlit gets, and which link works from outside."""

from pathlib import Path

import pytest

from complex_lstm.cli.serving import own_addresses, reachable, streamlit_options, workspace_variables
from complex_lstm.config.serving import ServerSection, Serving, VisitorsSection, WorkspaceSection, sample_toml
from complex_lstm.errors import ConfigError
from complex_lstm.ui.app.outside import announce
from tests.cli.command import run

LAN = ["192.168.1.5", "10.8.0.2"]


@pytest.mark.parametrize(
    ("section", "link", "hosts"),
    [
        (ServerSection(), "http://192.168.1.5:8501/", {"192.168.1.5", "10.8.0.2"}),
        (ServerSection(port=80, base_path="lstm"), "http://192.168.1.5/lstm/", {"192.168.1.5"}),
        (ServerSection(address="10.8.0.2"), "http://10.8.0.2:8501/", {"10.8.0.2"}),
        (ServerSection(address="127.0.0.1"), "http://127.0.0.1:8501/", {"127.0.0.1"}),
        (ServerSection(outside="https://Class.example.org:8443"), "https://Class.example.org:8443/", {"class.example.org"}),
        (ServerSection(certificate="c", key="k", port=443), "https://192.168.1.5/", {"192.168.1.5"}),
        (ServerSection(hosts=("*.example.org",)), "http://192.168.1.5:8501/", {"*.example.org"}),
    ],
)
def test_the_link_works_from_outside_and_its_name_is_allowed(section: ServerSection, link: str, hosts: set[str]) -> None:
    found = reachable(section, LAN)

    assert found.link == link
    assert hosts | {"localhost", "127.0.0.1"} <= set(found.hosts)


def test_a_machine_without_a_network_says_that_only_it_can_open_the_link() -> None:
    alone = announce(Serving(reachable(ServerSection(), [])), drawn=False)
    in_a_network = announce(Serving(reachable(ServerSection(), LAN)), drawn=False)

    assert "http://127.0.0.1:8501/" in alone and "Only this machine can open that." in alone
    assert "http://192.168.1.5:8501/" in in_a_network and "Only this machine" not in in_a_network


def test_on_a_terminal_the_link_is_drawn_as_a_square_of_two_colours() -> None:
    told = Serving(reachable(ServerSection(), LAN))

    drawn = announce(told, drawn=True).removeprefix(announce(told, drawn=False).rstrip()).strip().splitlines()

    rows = [line.removeprefix("\x1b[97;40m").removesuffix("\x1b[0m") for line in drawn]
    assert {len(row) for row in rows} == {2 * len(rows) - 1} and set("".join(rows)) == set(" █▀▄")


def test_its_own_addresses_are_not_those_that_lead_back_to_the_reader() -> None:
    assert not any(one.startswith(("127.", "169.254.")) for one in own_addresses())


def test_streamlit_gets_the_options_and_the_workspace_its_limits() -> None:
    told = Serving(reachable(ServerSection(base_path="lstm"), LAN), WorkspaceSection("/kept", limit_mb=500, upload_mb=50))

    options = streamlit_options(told)

    assert {"--server.address=0.0.0.0", "--server.baseUrlPath=lstm", "--server.maxUploadSize=50"} <= set(options)
    assert {"--server.allowedHosts=192.168.1.5", "--server.allowedHosts=localhost"} <= set(options)
    assert not any(option.startswith("--server.sslCertFile") for option in options)
    assert workspace_variables(told) == {
        "COMPLEX_LSTM_WORKSPACE": "/kept", "COMPLEX_LSTM_WORKSPACE_MB": "500", "COMPLEX_LSTM_MAX_MB": "50",
        "COMPLEX_LSTM_VISITORS": "cookie",
    }  # fmt: skip


def test_visitors_are_apart_unless_the_configuration_says_otherwise() -> None:
    limited, together = VisitorsSection(limit_mb=100, secret="x" * 32), VisitorsSection(apart=False)

    assert workspace_variables(Serving(visitors=limited)).items() >= {
        ("COMPLEX_LSTM_VISITORS", "cookie"), ("COMPLEX_LSTM_VISITOR_MB", "100"), ("COMPLEX_LSTM_SECRET", "x" * 32),
    }  # fmt: skip
    assert "COMPLEX_LSTM_VISITORS" not in workspace_variables(Serving(visitors=together))
    with pytest.raises(ConfigError, match="secret has 5 characters, expected 32 or more"):
        VisitorsSection(secret="short")


def test_a_wrong_configuration_ends_the_command_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "class.toml").write_text("[server]\nprot = 80\n")

    told = run("serve", str(tmp_path / "class.toml"))

    assert told.exit_code == 1 and told.output.count("\n") == 1 and "[server] has no key 'prot'" in told.output


def test_the_command_prints_a_configuration_with_every_key() -> None:
    assert run("serve", "--print-config").output == sample_toml()
