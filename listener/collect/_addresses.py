"""Which addresses collectors may open: those of the public internet, and what `[network] allow` names.

A settings file, a feed's redirect or a name server that answers differently the second time must not make listener
knock on machines inside the user's network (SSRF). So a name is resolved once, every answer is checked, and the caller
connects to the addresses returned here, never to the name again.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

from listener.errors import ForbiddenAddressError, UnreachableError

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""All addresses of a host, as the system's resolver reads it; raises OSError."""

_IPV4_REFUSED: Final = tuple(
    map(
        IPv4Network,
        # IANA's special-purpose registry, and multicast (224/4), reserved (240/4), the old 6to4 relays (192.88.99/24).
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
            *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        ),
    )
)
_IPV6_GLOBAL: Final = IPv6Network("2000::/3")
_IPV6_REFUSED: Final = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
"""Within 2000::/3: protocol assignments with Teredo and ORCHID, and documentation."""
_NAT64: Final = IPv6Network("64:ff9b::/96")
_COMPATIBLE: Final = IPv6Network("::/96")
_HOST: Final = re.compile(r"[0-9A-Za-z_]([0-9A-Za-z._-]{0,251}[0-9A-Za-z_.])?")


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system. It also reads 2130706433, 0x7f.1 and 0177.0.0.1 as addresses, so what it answers is checked."""
    return [str(answer[4][0]) for answer in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether this IP address, and any IPv4 address wrapped in it, is on the public internet."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _IPV4_REFUSED)
    wrapped = _wrapped(ip)
    if wrapped is not None:
        return is_public(str(wrapped))
    return ip in _IPV6_GLOBAL and not any(ip in network for network in _IPV6_REFUSED)


def _wrapped(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to `ip` end at: mapped, compatible, NAT64, 6to4."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip in _NAT64 or ip in _COMPATIBLE:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def checked(
    host: str, port: int, *, source: str, allow: Sequence[str] = (), resolve: Resolve = resolve
) -> tuple[str, ...]:
    """The addresses to connect to for `host`, each of them checked; `host` without the brackets of IPv6.

    `allow` holds HOST:PORT (IPv6 as [ADDRESS]:PORT), the host as written in the URL or an address it resolves to.
    Raises ForbiddenAddressError if any answer is off the public internet and not allowed, UnreachableError if there
    is no answer.
    """
    if not _is_host(host) or not 0 < port < 65536:
        raise ForbiddenAddressError(source, "the URL names no valid host and port")
    try:
        answers = tuple(dict.fromkeys(resolve(host, port)))
    except (OSError, UnicodeError):
        answers = ()
    if not answers:
        raise UnreachableError(source, f"{host} has no address", hint="Check the name and the network's name server.")
    allowed = {entry.strip().lower() for entry in allow}
    if _joined(host, port) in allowed:
        return answers
    for answer in answers:
        if not is_public(answer) and _joined(answer, port) not in allowed:
            raise ForbiddenAddressError(
                source,
                f"{host} is not on the public internet",
                hint=f'If you meant it, add "{_joined(host, port)}" to [network] allow.',
            )
    return answers


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}".lower() if ":" in host else f"{host}:{port}".lower()


def _is_host(host: str) -> bool:
    """A name, an IPv4 address in any notation or an IPv6 address without a zone, which only means something locally."""
    if ":" not in host:
        return _HOST.fullmatch(host) is not None
    try:
        return isinstance(ip_address(host), IPv6Address) and "%" not in host
    except ValueError:
        return False
