"""In a folder of its own, put before Python's path: a process in which no address outside of this machine can be looked up or reached.

Who asks for one is told on the standard error, which is the log of a server that tests start.
"""

import errno
import ipaddress
import sys
from typing import Any

HERE = (None, "", b"", "localhost", b"localhost")
ASKS = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}  # where the address stands


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise an error, as a system without a network does, where something outside is asked for."""
    if event in ASKS and not is_here(address := arguments[ASKS[event]]):
        print(f"An outside address was asked for: {address!r}", file=sys.stderr, flush=True)
        raise OSError(errno.ENETUNREACH, "There is no network.")


def is_here(address: Any) -> bool:
    """Whether an address, or the host of it, is of this machine; a socket of the file system has a path for its address."""
    host = address[0] if isinstance(address, tuple) else address
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return host in HERE or str(host).startswith("/")
    return number.is_loopback or number.is_unspecified


sys.addaudithook(refuse)
