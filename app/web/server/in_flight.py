"""What has not come to its end: connections that are open, and requests of which the head is there."""

import asyncio


class _Counted:
    """Members, and when there are none left."""

    def __init__(self) -> None:
        self.members: set[object] = set()
        self.none_left = asyncio.Event()
        self.none_left.set()

    def add(self, member: object) -> None:
        self.members.add(member)
        self.none_left.clear()

    def discard(self, member: object) -> None:
        self.members.discard(member)
        if not self.members:
            self.none_left.set()


class InFlight:
    """Connections and requests of a process; all methods are called on its event loop."""

    def __init__(self) -> None:
        self._requests, self._connections = _Counted(), _Counted()

    @property
    def n_requests(self) -> int:
        """Requests that have come in, at least their heads, and are not answered."""
        return len(self._requests.members)

    @property
    def n_connections(self) -> int:
        """Connections that are open."""
        return len(self._connections.members)

    def add(self, request: object) -> None:
        """Take one more request."""
        self._requests.add(request)

    def discard(self, request: object) -> None:
        """Let a request go, however it ended."""
        self._requests.discard(request)

    def open(self, connection: object) -> None:
        """Take one more connection."""
        self._connections.add(connection)

    def close(self, connection: object) -> None:
        """Let a connection go."""
        self._connections.discard(connection)

    async def no_connections(self) -> None:
        """Wait until none is open."""
        await self._connections.none_left.wait()

    async def no_requests(self) -> None:
        """Wait until none is left."""
        await self._requests.none_left.wait()
