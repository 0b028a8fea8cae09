"""Which unit a record belongs to, by who sent it. Pure.

An assignment says: what comes from this network, or into this input, perhaps only what a host of this name says
there, belongs to this unit. Of those that fit the closest counts: a host's before its network's, a narrow network
before a wide one. A host's name is what the sender writes, so it counts only together with where it comes from.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from fnmatch import translate
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeVar

import msgspec

MOST_REMEMBERED = 8192
LONGEST_REMEMBERED = 300
"""Origins that are remembered, and their characters; what a hostile sender can make the memory hold is bounded."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where records come from: a network of senders (`10.1.0.0/16`) or an input (`tail:/var/log/xmx.log`), one of them,
    and the hosts that speak there. In inputs and hosts `*` and `?` stand for any letters; hosts without regard to case.
    """

    network: str | None = None
    input: str | None = None
    host: str | None = None


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """What was received from the place from `since` on and before `ended` belongs to the unit."""

    unit: str
    place: Place
    since: datetime
    ended: datetime | None = None


class SourceMap:
    """The assignments, ready to be asked for every record."""

    def __init__(self, assignments: Iterable[Assignment]) -> None:
        self._by_network: dict[tuple[int, int], dict[int, list[_Fit]]] = {}
        self._by_input: list[_Fit] = []
        for fit in map(_Fit, assignments):
            if (network := fit.network) is None:
                self._by_input.append(fit)
            else:
                of_size = self._by_network.setdefault((network.version, network.max_prefixlen - network.prefixlen), {})
                of_size.setdefault(
                    int(network.network_address) >> network.max_prefixlen - network.prefixlen, []
                ).append(fit)
        self._met: dict[tuple[str | None, str], _Met] = {}
        self._shared: dict[tuple[object, ...], _Met] = {}
        self._found: dict[tuple[str | None, str, str], list[_Fit]] = {}

    def __bool__(self) -> bool:
        """Whether anything was ever assigned."""
        return bool(self._by_network or self._by_input)

    def find(self, peer: str | None, input: str, host: str, received: datetime) -> Assignment | None:
        """The assignment of what a peer (an address) sent into an input under a host's name (empty for none).

        None where nothing fits: it belongs to the unit of the settings. Cost: about 1 µs for a sender seen before; for
        a new one it grows with the sizes of networks, the patterns of inputs, and the hosts of the sender's networks.
        """
        met = self._met.get((peer, input))
        if met is None:
            met = self._meet(peer, input)
            _remember(self._met, (peer, input), met)
        fits, by_host = met
        if by_host:
            origin = (peer, input, host)
            found = self._found.get(origin)
            if found is None:
                found = [fit for fit in fits if fit.host is None or fit.host.match(host.casefold())]
                if len(host) <= LONGEST_REMEMBERED:
                    _remember(self._found, origin, found)
            fits = found
        for fit in fits:
            since, ended = fit.assignment.since, fit.assignment.ended
            if since <= received and (ended is None or received < ended):
                return fit.assignment
        return None

    def _meet(self, peer: str | None, input: str) -> "_Met":
        """What is assigned to the sender's networks and to the input, the closest first; and whether hosts matter.

        One list for all senders of the same networks.
        """
        by_input = tuple(fit for fit in self._by_input if fit.input is None or fit.input.match(input))
        within: list[tuple[int, int, int]] = []
        if (address := _address(peer)) is not None:
            for (version, wide), networks in self._by_network.items():
                if version == address.version and int(address) >> wide in networks:
                    within.append((version, wide, int(address) >> wide))
        shared = (by_input, *within)
        met = self._shared.get(shared)
        if met is None:
            fits = [
                *by_input,
                *(fit for version, wide, prefix in within for fit in self._by_network[version, wide][prefix]),
            ]
            fits.sort(key=lambda fit: fit.closeness, reverse=True)
            met = fits, any(fit.host is not None for fit in fits)
            _remember(self._shared, shared, met)
        return met


class _Fit:
    """One assignment, its patterns made ready."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        place = assignment.place
        self.network = None if place.network is None else ip_network(place.network)
        self.input = None if place.input is None else re.compile(translate(place.input))
        self.host = None if place.host is None else re.compile(translate(place.host.casefold()))
        size = -1 if self.network is None else self.network.prefixlen
        self.closeness = (*_closeness(place.host), size, *_closeness(place.input), place.host or "", place.input or "")


_Met = tuple[list[_Fit], bool]
Key = TypeVar("Key")
Kept = TypeVar("Kept")


def _remember(known: dict[Key, Kept], key: Key, value: Kept) -> None:
    if len(known) >= MOST_REMEMBERED:
        known.clear()
    known[key] = value


def _closeness(pattern: str | None) -> tuple[bool, bool, int]:
    """A pattern before none, a name before a pattern with wildcards, a long one before a short one."""
    if pattern is None:
        return False, False, 0
    return True, not any(letter in pattern for letter in "*?["), len(pattern)


def _address(peer: str | None) -> IPv4Address | IPv6Address | None:
    if peer is None:
        return None
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
