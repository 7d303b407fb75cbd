"""How the dashboard is served to others (`complex-lstm serve`): one TOML, read into one frozen value.

A section of the file is a dataclass, a key one of its settings. What is written of a key stands here alone: the sample file that
`complex-lstm serve --print-config` prints, and what a message of a wrong value allows, are made of it.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import textwrap
import tomllib
import typing
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from complex_lstm.config.codec import from_json
from complex_lstm.errors import ConfigError
from complex_lstm.settings import Setting, check_settings, setting, settings_of

VARIABLE = "COMPLEX_LSTM_SERVING"  # holds, as JSON, what `complex-lstm serve` has read: for the server, and for what that starts
UPLOAD_VARIABLE = "COMPLEX_LSTM_MAX_MB"  # the operator's limit for a file that a visitor gives
LEAST_SECRET = 32  # characters of the secret that signs cookies
LEAST_MEMORY = 1500  # megabytes
DEFAULT_PORTS = {"http": 80, "https": 443}
KINDS = {str: "a text", int: "a whole number", bool: "true or false"}
LISTS: dict[Any, str] = {str: "texts", int: "whole numbers"}

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
_HOST = re.compile(rf"\*|(?:\*\.)?{_NAME}")
_ORIGIN = re.compile(rf"https?://(?:{_NAME}|\[[0-9A-Fa-f:]+\])(?::\d{{1,5}})?")
_ANCESTOR = re.compile(rf"https?://(?:\*\.)?{_NAME}(?::\d{{1,5}})?")
_METADATA = re.compile(rf"(?:https://{_NAME}|http://(?:localhost|127\.0\.0\.1))(?::\d{{1,5}})?/\S*\.well-known/openid-configuration")
_PATH = re.compile(r"[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True)
class ServerSection:
    """Where the server listens, and under which names, addresses and pages of others it may be reached."""

    address: str = setting(
        "0.0.0.0", "Address", "Where it listens: 0.0.0.0 is every network of this machine, 127.0.0.1 this machine alone, as behind a "
        "proxy on it.", group="serving", expected="an IP address, such as 0.0.0.0 or 127.0.0.1",
    )  # fmt: skip
    port: int = setting(8501, "Port", "The port that it listens on; --port overrides it.", group="serving", at_least=1, at_most=65535)
    outside: str = setting(
        "", "Address from outside", "What visitors type before the path: it begins the printed link and the links of teachers. Empty: this "
        "machine's own address in its network, with the port.", group="serving",
        expected="scheme and name without a path, such as https://class.example.org",
    )  # fmt: skip
    base_path: str = setting(
        "", "Base path", "The path below which everything lies, where a proxy serves more than this.", group="serving",
        expected="a path such as lstm or tools/lstm, of letters, digits and . _ ~ -",
    )  # fmt: skip
    hosts: tuple[str, ...] = setting(
        (), "Allowed hosts", "The names under which it answers, beside its address from outside and this machine's own; another name gets "
        'the status 400. "*" is every name, which lets any page on the web reach it.', group="serving",
        expected="names without scheme and port, such as class.example.org or *.example.org",
    )  # fmt: skip
    frame_ancestors: tuple[str, ...] = setting(
        (), "Allowed frame ancestors", "The sites whose pages may show it in a frame, beside its own pages.", group="serving",
        expected="origins, such as https://moodle.example.org or https://*.example.org",
    )  # fmt: skip
    certificate: str = setting(
        "", "Certificate", "The file of the TLS certificate with its chain (PEM). Empty: no TLS here.", group="serving"
    )
    key: str = setting("", "Key", "The file of the certificate's private key (PEM).", group="serving")
    tls_by_proxy: bool = setting(
        False, "TLS by a proxy", "Visitors come by https to a proxy, and the proxy by http to this server.", group="serving"
    )

    def __post_init__(self) -> None:
        check_settings(self)
        try:
            ipaddress.ip_address(self.address)
        except ValueError:
            raise _refused(self, "address") from None
        for name, pattern in (("outside", _ORIGIN), ("base_path", _PATH)):
            if (text := getattr(self, name)) and not pattern.fullmatch(text):
                raise _refused(self, name)
        for name, pattern in (("hosts", _HOST), ("frame_ancestors", _ANCESTOR)):
            if not all(pattern.fullmatch(text) for text in getattr(self, name)):
                raise _refused(self, name)
        if bool(self.certificate) != bool(self.key):
            raise ConfigError("certificate and key belong together: give both, or none.")
        if self.certificate and self.tls_by_proxy:
            raise ConfigError("TLS ends either here (certificate and key) or at a proxy (tls_by_proxy): give one of the two.")
        if self.outside and self.outside.split(":")[0] != self.scheme and (self.certificate or self.tls_by_proxy):
            raise ConfigError(f"outside is {self.outside!r}, expected an address with https, because TLS is on.")

    @property
    def scheme(self) -> str:
        """What visitors come by: http or https."""
        return "https" if self.certificate or self.tls_by_proxy or self.outside.startswith("https:") else "http"

    @property
    def root(self) -> str:
        """The path of the start page: a slash, or the base path between two."""
        return f"/{self.base_path}/" if self.base_path else "/"

    @property
    def link(self) -> str:
        """The address of the start page from outside, "" as long as `outside` is not known."""
        return self.outside and self.outside + self.root


@dataclass(frozen=True)
class WorkspaceSection:
    """Where uploads, models and runs are kept, and how much of them."""

    folder: str = setting(
        "", "Folder", "The folder that keeps them; several servers can share one. Empty: the user's data folder.", group="serving"
    )
    limit_mb: int = setting(
        0, "Limit", "Megabytes that the workspace may have in all; 0 is no limit. At the limit the oldest of the trash goes first.",
        group="serving", at_least=0, at_most=10**9,
    )  # fmt: skip
    upload_mb: int = setting(
        200, "Upload", "Megabytes that one uploaded file may have, also once unpacked.", group="serving", at_least=1, at_most=10**5
    )

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True)
class VisitorsSection:
    """How visitors are told apart, and what one of them may keep."""

    apart: bool = setting(
        True, "Apart", "Each visitor has a workspace of their own, known by a signed cookie. false: all share one, in which each can open, "
        "rename and delete what the others have.", group="serving",
    )  # fmt: skip
    limit_mb: int = setting(
        0,
        "Limit",
        "Megabytes that one visitor may keep, runs and trash included; 0 is no limit.",
        group="serving",
        at_least=0,
        at_most=10**9,
    )
    secret: str = setting(
        "", "Secret", "What signs the cookies, 32 characters or more. Empty: a secret that is made in the workspace's folder, which only "
        "this user of the machine can read.", group="serving",
    )  # fmt: skip

    def __post_init__(self) -> None:
        check_settings(self)
        if self.secret and len(self.secret) < LEAST_SECRET:
            raise ConfigError(f"secret has {len(self.secret)} characters, expected {LEAST_SECRET} or more. Leave it out, or draw one.")


@dataclass(frozen=True)
class LoginSection:
    """Who may say who a visitor is, by OpenID Connect. Without a provider nobody logs in, and a cookie tells visitors apart."""

    metadata: str = setting(
        "", "Metadata", "The address of the provider's OpenID configuration. Empty: nobody logs in.", group="serving",
        expected="https://.../.well-known/openid-configuration, or http:// on this machine",
    )  # fmt: skip
    client_id: str = setting("", "Client id", "What the provider calls this server.", group="serving")
    client_secret: str = setting("", "Client secret", "The secret that the provider has given this server.", group="serving")
    name: str = setting("", "Name", "What the provider is called on the button. Empty: the name of its host.", group="serving")
    required: bool = setting(
        False, "Required", "Only who has logged in sees a page. false: who has not is known by the cookie.", group="serving"
    )

    def __post_init__(self) -> None:
        check_settings(self)
        if self.metadata and not _METADATA.fullmatch(self.metadata):
            raise _refused(self, "metadata")
        if len({bool(self.metadata), bool(self.client_id), bool(self.client_secret)}) > 1:
            raise ConfigError("metadata, client_id and client_secret belong together: give all, or none.")
        if self.required and not self.metadata:
            raise ConfigError("required is true, and no metadata says where to log in.")

    @property
    def provider(self) -> str:
        """What the provider is called."""
        return self.name or urlsplit(self.metadata).hostname or ""


@dataclass(frozen=True)
class JobsSection:
    """Where pages compute what takes long, and what one computation may take, so that it leaves something to others."""

    processes: int = setting(
        4, "Processes", "Processes that compute for the pages, so that these stay quick: at most so many, and at most as many as there are "
        "cores. Each takes some 280 MB. 0: threads of the server compute, as they do on a GPU.", group="serving", at_least=0, at_most=256,
    )  # fmt: skip
    minutes: int = setting(
        0, "Minutes", "Minutes that one computation of a page may take, its turns together; then it ends, and says why. 0 is no limit.",
        group="serving", at_least=0, at_most=10**5,
    )  # fmt: skip
    memory_mb: int = setting(
        0, "Memory", "Megabytes of memory above which a computation ends: the one since whose beginning it has grown most. It is that of "
        "the server's process, whose pages alone take 600 to 800, and what its other processes have taken since they began. 0 is no limit.",
        group="serving", at_least=0, at_most=10**9,
        expected=f"0, or {LEAST_MEMORY:,} to 1,000,000,000",
    )  # fmt: skip
    training_minutes: int = setting(
        0, "Training minutes", "Minutes that a run may train at a time; then it stops, keeps its best model so far, and can be resumed for "
        "another turn. 0 is no limit.", group="serving", at_least=0, at_most=10**6,
    )  # fmt: skip

    def __post_init__(self) -> None:
        check_settings(self)
        if 0 < self.memory_mb < LEAST_MEMORY:
            raise _refused(self, "memory_mb")


@dataclass(frozen=True)
class LogSection:
    """What the server writes to its standard error."""

    format: Literal["text", "json"] = setting(
        "text", "Format", "text for people; json for programs: one object a line, which tells kinds, counts and seconds, and no names, "
        "values or addresses.", group="serving",
    )  # fmt: skip

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True)
class Serving:
    """All that `complex-lstm serve` is told. Each field is a section of the TOML."""

    server: ServerSection = ServerSection()
    workspace: WorkspaceSection = WorkspaceSection()
    visitors: VisitorsSection = VisitorsSection()
    login: LoginSection = LoginSection()
    jobs: JobsSection = JobsSection()
    log: LogSection = LogSection()

    def __post_init__(self) -> None:
        if self.login.metadata and not self.visitors.apart:
            raise ConfigError(
                "[login] tells visitors apart, and apart = false under [visitors] has all share one workspace: leave one out."
            )


def read_serving(path: Path) -> Serving:
    """Return what a TOML says; a key that it leaves out has its default, and a file that it names lies beside it.

    Raises:
        ConfigError: it cannot be read, is no TOML, has a section or key that there is not, or a value that is not allowed.
    """
    _, told = read_toml(path)
    kinds = typing.get_type_hints(Serving)
    if unknown := told.keys() - kinds.keys():
        raise ConfigError(f"{path} has {sorted(unknown)[0]!r} at its top; allowed are the sections {listed(f'[{one}]' for one in kinds)}.")
    return Serving(**{name: _read_section(kinds[name], content, path, name) for name, content in told.items()})


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the text of a TOML, and what it says.

    Raises:
        ConfigError: it cannot be read, or is no TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is no TOML: {error}.") from error


def _read_section(kind: type[Any], content: Any, path: Path, name: str) -> Any:
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: {name} is {content!r}, expected a section [{name}].")
    known = {one.name: one for one in settings_of(kind)}
    if unknown := content.keys() - known.keys():
        raise ConfigError(f"{path}: [{name}] has no key {sorted(unknown)[0]!r}; allowed are {listed(known)}.")
    try:
        return _beside(kind(**{key: typed_value(known[key], value) for key, value in content.items()}), path.parent)
    except ConfigError as error:
        raise ConfigError(f"{path}: [{name}] {error}") from error


def typed_value(one: Setting, value: Any) -> Any:
    """Return a value of a TOML as its setting has it.

    Raises:
        ConfigError: it has another type, or is none of the setting's words.
    """
    for item_kind, words in LISTS.items():
        if one.kind == tuple[item_kind, ...]:
            if isinstance(value, list) and all(type(item) is item_kind for item in value):
                return tuple(value)
            raise ConfigError(f"{one.name} is {value!r}, expected a list of {words}: {one.bounds}.")
    if type(value) is one.kind or (one.choices and value in one.choices):
        return value
    if one.choices:
        raise ConfigError(f"{one.name} is {value!r}, expected {one.bounds}.")
    raise ConfigError(f"{one.name} is {value!r}, expected {KINDS[one.kind]}{_bounds(one)}.")


def _bounds(one: Setting) -> str:
    return f": {one.bounds}" if one.expected or one.at_least is not None else ""


def _beside(section: Any, folder: Path) -> Any:
    """Return the section with the files that it names as absolute paths.

    Raises:
        ConfigError: there is no such file.
    """
    named = {key: getattr(section, key) for key in ("certificate", "key", "folder") if getattr(section, key, "")}
    paths = {key: (folder / Path(text).expanduser()).resolve() for key, text in named.items()}
    for key, path in paths.items():
        if key != "folder" and not path.is_file():
            raise ConfigError(f"{key} is {named[key]!r}, and there is no file {path}.")
    return replace(section, **{key: str(path) for key, path in paths.items()})


def _refused(section: Any, name: str) -> ConfigError:
    one = next(one for one in settings_of(type(section)) if one.name == name)
    value = getattr(section, name)
    return ConfigError(f"{name} is {list(value) if isinstance(value, tuple) else value!r}, expected {one.bounds}.")


def listed(names: Any) -> str:
    """Return names in words: a, b and c."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else str(last)


def sample_toml() -> str:
    """Return a configuration with every key at its default, and what each is for."""
    lines = ["# complex-lstm serve THIS_FILE: every key, at its default. What is left out has it too."]
    for section in fields(Serving):
        lines += ["", f"[{section.name}]"]
        for one in settings_of(typing.get_type_hints(Serving)[section.name]):
            allowed = f" Allowed: {one.bounds}." if one.expected or one.choices or one.at_least is not None else ""
            lines += textwrap.wrap(f"{one.help}{allowed}", 110, initial_indent="# ", subsequent_indent="# ")
            lines += [f"{one.name} = {json.dumps(one.default)}"]
    return "\n".join(lines) + "\n"


def served() -> Serving | None:
    """Return what this process is served by, or None where it was not started by `complex-lstm serve`.

    Raises:
        ConfigError: the environment variable holds something else.
    """
    return _revive(text) if (text := os.environ.get(VARIABLE, "")) else None


@lru_cache
def _revive(text: str) -> Serving:
    return from_json(Serving, text)
