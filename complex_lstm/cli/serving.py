"""The command serve: the dashboard for others, as one TOML says."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import platform
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import psutil

from complex_lstm.classroom.storage import open_classroom
from complex_lstm.cli.group import FILE, main
from complex_lstm.config import lesson, to_json
from complex_lstm.config.serving import DEFAULT_PORTS, UPLOAD_VARIABLE, VARIABLE, ServerSection, Serving, read_serving, sample_toml
from complex_lstm.errors import ConfigError, install_extra
from complex_lstm.locations import APP
from complex_lstm.samples import shipped_models
from complex_lstm.shares import find_share
from complex_lstm.visitors import MODE_VARIABLE, SECRET_VARIABLE
from complex_lstm.workspace import ENVIRONMENT, LIMIT_VARIABLE, VISITOR_LIMIT_VARIABLE, root_folder

LOCAL = ("localhost", "127.0.0.1")
ELSEWHERE = "192.0.2.1"  # an address of documentation (RFC 5737): it is only looked up which way it would go, and nothing is sent


@main.command("serve")
@click.argument("config", type=FILE, required=False)
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on, in place of the configuration's.", show_default=False)
@click.option("--class", "taught", type=FILE, help="Teach a class: its lesson is this TOML (docs/classroom.md).", show_default=False)
@click.option("--print-config", is_flag=True, help="Print a configuration with every key, its default and what it is for, and end.")
def serve(config: Path | None, port: int | None, taught: Path | None, print_config: bool) -> None:
    """Serve the dashboard to others: a class, a laboratory, a site.

    CONFIG is a TOML file; without it the dashboard listens on every network of this machine, and answers under the machine's own
    addresses and name. The link that visitors open is printed when they can, on a terminal with its QR code. Ctrl+C ends it.
    """
    if print_config:
        click.echo(sample_toml(), nl=False)
        return
    told = read_serving(config) if config else Serving()
    if port is not None:
        told = replace(told, server=replace(told.server, port=port))
    found = replace(told, server=reachable(told.server, list(own_addresses())))
    os.environ.update({VARIABLE: to_json(found)} | workspace_variables(found))
    if taught:
        os.environ[lesson.VARIABLE] = str(taught.resolve())
        check_class(found)
    if found.login.metadata:
        need_login()

    from streamlit.web.cli import main as streamlit  # its import takes a second, which --help need not wait for

    streamlit(["run", str(APP), *streamlit_options(found)], prog_name="streamlit")


def check_class(told: Serving) -> None:
    """Read the lesson of the class that is served, and make the class's file if there is none.

    Raises:
        ConfigError: the lesson is none, or visitors share one workspace, in which nobody is told from others.
        WorkspaceError: the class's file cannot be written.
    """
    if not told.visitors.apart:
        raise ConfigError("A class tells its pupils apart: leave out apart = false under [visitors], or --class.")
    found = lesson.served_lesson()
    assert found
    if found[0].data and found[0].data not in shipped_models():
        raise ConfigError(f"{found[1]}: data is {found[0].data!r}, expected one of {', '.join(shipped_models())}.")
    share = find_share(found[0].share)
    if found[0].share and (share is None or share.is_taken_back):
        raise ConfigError(f"{found[1]}: share is no link that this server has: it was taken back, or made in another workspace.")
    open_classroom(found[0], root_folder())


def need_login() -> None:
    """Check that what logs visitors in is installed.

    Raises:
        ConfigError: it is not.
    """
    if missing := [name for name in ("authlib", "httpx") if importlib.util.find_spec(name) is None]:
        raise ConfigError(f"[login] needs {' and '.join(missing)}: {install_extra('login')}")


def own_addresses() -> Iterator[str]:
    """Yield this machine's IPv4 addresses in its networks, the one first that it would reach others from. There may be none."""
    leading = ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect((ELSEWHERE, 9))
            leading = one.getsockname()[0]
        except OSError:  # no way out: a room without internet, whose own network is found below
            pass
    is_up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    in_networks = [one for name, all_ in psutil.net_if_addrs().items() if name in is_up for one in all_]
    for text in dict.fromkeys([leading, *(one.address for one in in_networks if one.family == socket.AF_INET)]):
        if text and not ipaddress.ip_address(text).is_loopback and not ipaddress.ip_address(text).is_link_local:
            yield text


def reachable(server: ServerSection, addresses: list[str]) -> ServerSection:
    """Return the section with the address from outside and all names under which the server answers.

    `addresses` are this machine's own. Where it listens on one address only, that is the one from outside.
    """
    listens_on = ipaddress.ip_address(server.address)
    if not listens_on.is_unspecified:
        addresses = [server.address]
    if not server.outside:
        name = (addresses or [LOCAL[1]])[0]
        port = "" if server.port == DEFAULT_PORTS[server.scheme] else f":{server.port}"
        server = replace(server, outside=f"{server.scheme}://{f'[{name}]' if ':' in name else name}{port}")
    own = [platform.node(), f"{platform.node()}.local"] if listens_on.is_unspecified and platform.node() else []
    outside = server.outside.partition("://")[2]
    outside = outside if outside.endswith("]") else outside.rpartition(":")[0] or outside
    names = [*server.hosts, outside.strip("[]"), *addresses, *own, *LOCAL]
    return replace(server, hosts=tuple(dict.fromkeys(name.lower() for name in names if ":" not in name)))


def workspace_variables(told: Serving) -> dict[str, str]:
    """Return the environment variables that say where the workspace is, how much it may hold, and whether visitors are told apart."""
    place = {ENVIRONMENT: told.workspace.folder} if told.workspace.folder else {}
    limit = {LIMIT_VARIABLE: str(told.workspace.limit_mb)} if told.workspace.limit_mb else {}
    own = told.visitors
    visitors = {MODE_VARIABLE: "cookie"} if own.apart else {}
    visitors |= {VISITOR_LIMIT_VARIABLE: str(own.limit_mb)} if own.limit_mb else {}
    visitors |= {SECRET_VARIABLE: own.secret} if own.secret else {}
    return place | limit | visitors | {UPLOAD_VARIABLE: str(told.workspace.upload_mb)}


def streamlit_options(told: Serving) -> list[str]:
    """Return the options of `streamlit run` that serve the dashboard so."""
    server = told.server
    options = {
        "server.address": server.address,
        "server.port": server.port,
        "server.baseUrlPath": server.base_path,
        "server.sslCertFile": server.certificate,
        "server.sslKeyFile": server.key,
        "server.maxUploadSize": told.workspace.upload_mb,
        "server.xsrfCookieSameSite": "none" if server.frame_ancestors and server.scheme == "https" else "",  # else no upload in a frame
        "server.headless": "true",
        "logger.hideWelcomeMessage": "true",  # it names addresses that do not work, and asks a server on the web for one of them
    }
    given = [f"--{name}={value}" for name, value in options.items() if value != ""]
    return [*given, *(f"--server.allowedHosts={name}" for name in server.hosts)]
