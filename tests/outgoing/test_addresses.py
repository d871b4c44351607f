"""No address of a machine's own, of its networks or of none is taken for one of the Internet, however it is wrapped."""

import pytest

from app.outgoing.addresses import is_public, read_address

INNER = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
]  # fmt: skip


def _wrapped(address: str) -> list[str]:
    """Give the forms of IPv6 that lead to an address of IPv4."""
    first, second, third, last = (int(part) for part in address.split("."))
    high, low = f"{first:02x}{second:02x}", f"{third:02x}{last:02x}"
    isatap = [f"{prefix}:5efe:{address}" for prefix in ("fe80:", "2600:", "2600::200")]
    return [f"::ffff:{address}", f"2002:{high}:{low}::1", f"64:ff9b::{address}", f"::{address}", *isatap]


@pytest.mark.parametrize("address", INNER)
def test_an_inner_address_is_not_public_in_any_form(address: str) -> None:
    assert [form for form in (address, *_wrapped(address)) if is_public(read_address(form))] == []


@pytest.mark.parametrize(
    "address",
    ["::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1",
     "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "64:ff9b:1::1", "100::1", "5f00::1", "4000::1"],
)  # fmt: skip
def test_an_inner_address_of_ipv6_is_not_public(address: str) -> None:
    assert not is_public(read_address(address))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"],
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(read_address(address))
