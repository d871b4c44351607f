"""The address of a client is what proxies of ours say, and nobody else."""

import pytest

from app.web.client_address import Proxies, client_address, networks

OURS = ("10.0.0.0/8", "2001:db8:1::/48", "192.0.2.1")


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.9", "203.0.113.7"),  # whoever it is may write anything
        ("10.0.0.5", None, "10.0.0.5"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("10.0.0.5", "198.51.100.9", "198.51.100.9"),
        ("10.0.0.5", "1.2.3.4, 198.51.100.9", "198.51.100.9"),  # the first one is what the client wrote itself
        ("10.0.0.5", "1.2.3.4,198.51.100.9 , 192.0.2.1", "198.51.100.9"),
        ("10.0.0.5", "10.0.0.6, 10.0.0.7", "10.0.0.6"),
        ("10.0.0.5", "unknown", "10.0.0.5"),
        ("10.0.0.5", "198.51.100.9, <script>", "10.0.0.5"),
        ("10.0.0.5", "198.51.100.9:4711", "10.0.0.5"),
        ("2001:db8:1::5", "198.51.100.9", "198.51.100.9"),
        ("10.0.0.5", "2001:db8:7:8:1:2:3:4", "2001:db8:7:8::/64"),
        ("2001:db8:7:8:1:2:3:4", None, "2001:db8:7:8::/64"),
        ("::ffff:10.0.0.5", "::ffff:198.51.100.9", "198.51.100.9"),
        ("", None, ""),  # a socket of the file system
        ("", "198.51.100.9", ""),
    ],
)
def test_proxies_are_believed_as_far_as_they_are_ours(peer: str, forwarded_for: str | None, client: str) -> None:
    assert client_address(peer, forwarded_for, networks(OURS)) == client


def test_without_proxies_nobody_is_believed() -> None:
    assert client_address("10.0.0.5", "198.51.100.9", ()) == "10.0.0.5"


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", "for=198.51.100.9", "203.0.113.7"),
        ("10.0.0.5", "for=198.51.100.9", "198.51.100.9"),
        ("10.0.0.5", "For=198.51.100.9;proto=https;by=10.0.0.5", "198.51.100.9"),
        ("10.0.0.5", 'for=1.2.3.4, for="198.51.100.9:4711"', "198.51.100.9"),
        ("10.0.0.5", 'for=198.51.100.9 , for="10.0.0.6"', "198.51.100.9"),
        ("10.0.0.5", 'for="[2001:db8:7:8:1:2:3:4]:4711"', "2001:db8:7:8::/64"),
        ("10.0.0.5", 'for="a,b;c=d";proto=https, for=198.51.100.9', "198.51.100.9"),
        ("10.0.0.5", "for=198.51.100.9, for=unknown", "10.0.0.5"),
        ("10.0.0.5", "for=_hidden", "10.0.0.5"),
        ("10.0.0.5", "proto=https", "10.0.0.5"),
        ("10.0.0.5", "for=1.2.3.4;for=198.51.100.9", "10.0.0.5"),
        ("10.0.0.5", 'for="198.51.100.9', "10.0.0.5"),
        ("10.0.0.5", "198.51.100.9", "10.0.0.5"),
        ("10.0.0.5", "for=198.51.100.9," + "for=10.0.0.6," * 1000, "10.0.0.5"),
        ("10.0.0.5", "", "10.0.0.5"),
    ],
)
def test_the_standard_header_is_believed_alike(peer: str, forwarded: str, client: str) -> None:
    assert client_address(peer, None, networks(OURS), forwarded) == client


@pytest.mark.parametrize(
    ("forwarded_for", "forwarded", "client"),
    [
        ("198.51.100.9", "for=198.51.100.9", "198.51.100.9"),
        ("198.51.100.9", "for=1.2.3.4", "10.0.0.5"),  # one of them is the client's own; which is not known
        ("198.51.100.9", "", "10.0.0.5"),
        ("1.2.3.4", "for=1.2.3.4, for=198.51.100.9", "10.0.0.5"),
    ],
)
def test_where_two_headers_disagree_neither_is_believed(forwarded_for: str, forwarded: str, client: str) -> None:
    assert client_address("10.0.0.5", forwarded_for, networks(OURS), forwarded) == client


@pytest.mark.parametrize(
    ("peer", "headers", "is_https"),
    [
        ("10.0.0.5", {"x-forwarded-proto": "https"}, True),
        ("10.0.0.5", {"forwarded": "for=1.2.3.4;proto=HTTPS"}, True),
        ("10.0.0.5", {"x-forwarded-proto": "https", "forwarded": "for=1.2.3.4;proto=https"}, True),
        ("10.0.0.5", {"x-forwarded-proto": "https", "forwarded": "for=1.2.3.4;proto=http"}, False),
        ("10.0.0.5", {"x-forwarded-proto": "https, http"}, False),
        ("10.0.0.5", {"forwarded": "for=1.2.3.4;proto=https, for=10.0.0.6"}, False),
        ("10.0.0.5", {}, False),
        ("203.0.113.7", {"x-forwarded-proto": "https"}, False),
    ],
)
def test_proxies_of_ours_tell_how_they_were_asked(peer: str, headers: dict[str, str], is_https: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert Proxies(networks(OURS)).say_https(headers.get, peer) is is_https
