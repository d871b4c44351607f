"""The address of a client is what proxies of ours say, and nobody else."""

import pytest

from app.web.client_address import client_address, networks

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
