"""Where the page is: the address that it listens at, and the names under which browsers may ask for it."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Any

from skal.label_page.options import PageOptions
from skal.labeling import ProjectError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ANY = ("0.0.0.0", "::")


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises
    ------
    ProjectError
        If the address cannot be used.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        if os.name != "nt":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(256)
        listener.setblocking(False)
        return listener
    except OSError as error:
        taken = error.errno in (98, 48, 10048)
        why = f"port {port} is in use, perhaps by another `skal label`" if taken else str(error.strerror or error)
        raise ProjectError(
            f"The page cannot be served at {host}:{port}: {why}. --port 0 takes any free port, --port N another."
        ) from error


def address_of(options: PageOptions, port: int) -> str:
    """Where browsers find the page; a public name may say the scheme, such as https of a reverse proxy."""
    if options.names:
        name = options.names[0].rstrip("/")
        return f"{name}/" if "://" in name else f"http://{name}/"
    return f"http://{_shown_host(options)}:{port}/"


def origins(options: PageOptions, address: tuple[Any, ...]) -> set[str]:
    """``scheme://host:port`` under which the page may be asked; a public name without a scheme has either."""
    port = address[1]
    hosts = {"127.0.0.1", "localhost", _shown_host(options)}
    if options.host in LOOPBACK:
        hosts.add("[::1]")
    elif options.host in _ANY:
        hosts |= {socket.gethostname(), socket.getfqdn(), *_own_addresses()}
    found = {f"http://{host}:{port}" for host in hosts}
    if port == 80:
        found |= {f"http://{host}" for host in hosts}
    for name in options.names:
        scheme, _, place = name.rpartition("://")
        found |= {f"{one}://{place.rstrip('/')}" for one in ([scheme] if scheme else ["http", "https"])}
    return {origin.lower() for origin in found}


def _shown_host(options: PageOptions) -> str:
    if options.host in _ANY:
        return socket.gethostname()
    return f"[{options.host}]" if ":" in options.host else options.host


def _own_addresses() -> set[str]:
    """Addresses of this machine in its networks."""
    with contextlib.suppress(OSError):
        found = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
        return {f"[{one[4][0]}]" if ":" in str(one[4][0]) else str(one[4][0]) for one in found}
    return set()
