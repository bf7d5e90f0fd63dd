"""Other IP addresses for IP addresses: what lies in one network lies in one network afterwards."""

from __future__ import annotations

import hmac
from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network

_KEPT = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.168.0.0/16", "224.0.0.0/3", "::/3", "2000::/3", "fc00::/7", "fe80::/10", "ff00::/8",
        ),
    )
)  # fmt: skip
"""What an address is for (private, local, …) can be seen from its beginning and stays."""


class Addresses:
    """Keeps prefixes: each bit is turned or not by the bits before it, out of a key that is thrown away."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._noted: set[Network] = set()
        self._attempt = 0

    def note(self, text: str) -> None:
        network = network_of(text)
        if network is not None:
            self._noted.add(network)

    def settle(self) -> None:
        """Take the first way of turning bits that makes no public address a private one."""
        while any(_class_of(self._changed(one)) != _class_of(one) for one in self._noted) and self._attempt < 10_000:
            self._attempt += 1

    def changed(self, text: str) -> str:
        """The address or network replaced; the length of the prefix is kept, and so is a text that is none."""
        network = network_of(text)
        if network is None:
            return text
        host = str(self._changed(network).network_address)
        return f"{host}/{network.prefixlen}" if "/" in text else host

    def _changed(self, network: Network) -> Network:
        of = _class_of(network)
        kept = of.prefixlen if of is not None else 0
        width = network.max_prefixlen
        bits = f"{int(network.network_address):0{width}b}"
        turned = "".join(
            str(int(bit) ^ self._turn(width, bits[:at])) if kept <= at < network.prefixlen else bit
            for at, bit in enumerate(bits)
        )
        return type(network)((int(turned, 2), network.prefixlen))

    def _turn(self, width: int, before: str) -> int:
        return hmac.digest(self._key, f"ip/{self._attempt}/{width}/{before}".encode(), "sha256")[0] & 1


def network_of(text: str) -> Network | None:
    """The address or network that the whole text is; host bits are dropped, as IAM does."""
    if "." not in text and ":" not in text:
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _class_of(network: Network) -> Network | None:
    return next((kept for kept in _KEPT if kept.version == network.version and network.subnet_of(kept)), None)  # type: ignore[arg-type]
