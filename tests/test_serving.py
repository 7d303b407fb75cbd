"""The configuration of a server: what it says, what is refused and in which words."""

import tomllib
from pathlib import Path

import pytest

from complex_lstm.config import from_json, to_json
from complex_lstm.config.serving import (
    VARIABLE,
    JobsSection,
    LoginSection,
    LogSection,
    ServerSection,
    Serving,
    VisitorsSection,
    WorkspaceSection,
    read_serving,
    sample_toml,
    served,
)
from complex_lstm.errors import ConfigError


def written(folder: Path, text: str) -> Path:
    place = folder / "class.toml"
    place.write_text(text, encoding="utf-8")
    return place


def test_what_is_left_out_has_its_default_and_paths_lie_beside_the_file(tmp_path: Path) -> None:
    for name in ("chain.pem", "key.pem"):
        (tmp_path / name).touch()
    text = """
        server = {port = 443, hosts = ["class.example.org"], certificate = "chain.pem", key = "key.pem"}
        [workspace]
        folder = "kept"
        """

    told = read_serving(written(tmp_path, text))

    files = {"certificate": str(tmp_path / "chain.pem"), "key": str(tmp_path / "key.pem")}
    assert told.server == ServerSection(port=443, hosts=("class.example.org",), **files) and told.server.scheme == "https"
    assert told.workspace == WorkspaceSection(folder=str(tmp_path / "kept")) and told.log == LogSection()


def test_the_sample_holds_every_key_at_its_default(tmp_path: Path) -> None:
    assert read_serving(written(tmp_path, sample_toml())) == Serving()
    assert {name: set(keys) for name, keys in tomllib.loads(sample_toml()).items()} == {
        "server": set(ServerSection.__dataclass_fields__),
        "workspace": set(WorkspaceSection.__dataclass_fields__),
        "visitors": set(VisitorsSection.__dataclass_fields__),
        "login": set(LoginSection.__dataclass_fields__),
        "jobs": set(JobsSection.__dataclass_fields__),
        "log": set(LogSection.__dataclass_fields__),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("port = 80", "'port' at its top; allowed are the sections [server], [workspace], [visitors], [login], [jobs] and [log]."),
        ("[server]\nprot = 80", "[server] has no key 'prot'; allowed are address, port, outside, base_path, hosts,"),
        ("server = 3", "server is 3, expected a section [server]."),
        ('[server]\nport = "80"', "[server] port is '80', expected a whole number: 1 to 65,535."),
        ("[server]\nport = true", "[server] port is True, expected a whole number: 1 to 65,535."),
        ("[server]\nport = 70000", "[server] port is 70000, expected 1 to 65,535."),
        ('[server]\naddress = "here"', "[server] address is 'here', expected an IP address, such as 0.0.0.0 or 127.0.0.1."),
        ('[server]\noutside = "https://x.org/lstm"', "outside is 'https://x.org/lstm', expected scheme and name without a path,"),
        ('[server]\nbase_path = "/lstm"', "base_path is '/lstm', expected a path such as lstm or tools/lstm,"),
        ('[server]\nhosts = ["https://x.org"]', "hosts is ['https://x.org'], expected names without scheme and port,"),
        ('[server]\nhosts = "x.org"', "hosts is 'x.org', expected a list of texts: names without scheme and port,"),
        ('[server]\nframe_ancestors = ["*; script-src *"]', "frame_ancestors is ['*; script-src *'], expected origins,"),
        ('[server]\ncertificate = "x.pem"', "certificate and key belong together: give both, or none."),
        ('[server]\ncertificate = "x.pem"\nkey = "y.pem"', "certificate is 'x.pem', and there is no file "),
        ('[server]\ntls_by_proxy = true\noutside = "http://x.org"', "outside is 'http://x.org', expected an address with https,"),
        ("[workspace]\nlimit_mb = -1", "[workspace] limit_mb is -1, expected 0 to 1,000,000,000."),
        ('[login]\nmetadata = "https://id.example.org/"', "expected https://.../.well-known/openid-configuration, or http:// on this"),
        ('[login]\nmetadata = "http://id.example.org/.well-known/openid-configuration"', "[login] metadata is 'http://id.example.org/"),
        ('[login]\nmetadata = "https://id.example.org/.well-known/openid-configuration"', "client_id and client_secret belong together"),
        ("[login]\nrequired = true", "[login] required is true, and no metadata says where to log in."),
        ("[jobs]\nmemory_mb = 300", "[jobs] memory_mb is 300, expected 0, or 1,500 to 1,000,000,000."),
        ('[log]\nformat = "xml"', "[log] format is 'xml', expected one of text, json."),
        ("[server", "is no TOML: "),
    ],
)  # fmt: skip
def test_a_wrong_key_or_value_is_refused_in_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    place = written(tmp_path, text)

    with pytest.raises(ConfigError) as refused:
        read_serving(place)

    assert str(refused.value).startswith(str(place)) and message in str(refused.value) and "\n" not in str(refused.value)


def test_a_login_needs_visitors_that_are_apart() -> None:
    login = LoginSection("https://id.example.org/x/.well-known/openid-configuration", "one", "two")

    assert login.provider == "id.example.org"
    with pytest.raises(ConfigError, match="leave one out"):
        Serving(visitors=VisitorsSection(apart=False), login=login)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read \(No such file or directory\)\."):
        read_serving(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("section", "link"),
    [
        (ServerSection(), ""),
        (ServerSection(outside="http://10.0.0.5:8501"), "http://10.0.0.5:8501/"),
        (ServerSection(outside="https://class.example.org", base_path="tools/lstm"), "https://class.example.org/tools/lstm/"),
    ],
)
def test_the_link_is_the_address_from_outside_and_the_base_path(section: ServerSection, link: str) -> None:
    assert section.link == link


def test_a_server_knows_what_it_is_served_by(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Serving(ServerSection(hosts=("a.example", "b.example"), tls_by_proxy=True), log=LogSection("json"))

    monkeypatch.delenv(VARIABLE, raising=False)
    assert served() is None
    monkeypatch.setenv(VARIABLE, to_json(told))
    assert served() == told == from_json(Serving, to_json(told))


def test_the_documentation_shows_every_key() -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "serving.md").read_text(encoding="utf-8")

    assert f"```toml\n{sample_toml()}```" in page


def test_the_configuration_for_containers_is_one() -> None:
    told = read_serving(Path(__file__).resolve().parent.parent / "deploy" / "class.toml")

    assert told.server.link == "https://class.example.org/" and told.workspace.folder == "/workspace"
