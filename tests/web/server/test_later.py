"""What comes piece by piece is sent to its end, and what is cut short does not look whole."""

import asyncio
import time
from collections.abc import Callable

import pytest

from app.web.operation import Part
from app.web.reply import Reply
from app.web.server.later import Later
from app.web.server.work import Work

HEAD = Reply(200, (), b"")
LONG_S = 60.0


class Asker:
    """A client that reads so many pieces."""

    def __init__(self, reads: int = 1_000) -> None:
        self.got: list[bytes] = []
        self.how = ""
        self._reads = reads

    def begin(self, _: Reply) -> None:
        self.how = "begun"

    async def send(self, content: bytes) -> bool:
        self.got.append(content)
        return len(self.got) <= self._reads

    def end(self) -> None:
        self.how = "ended"

    def close(self) -> None:
        self.how = "cut off"


def pieces_of_a_whole(n: int) -> Callable[[], Part]:
    coming = iter(range(1, n + 1))

    def following() -> Part:
        number = next(coming)
        return Part(b"%d" % number, is_last=number == n, has_more=number < n)

    return following


def sent(
    following: Callable[[], Part], *, within_s: float = LONG_S, is_leaving: bool = False, reads: int = 99
) -> Asker:
    asker = Asker(reads)

    async def send() -> None:
        later = Later(Work(1, within_s))
        later.is_leaving = is_leaving
        await later.send(asker, HEAD, following)

    asyncio.run(send())
    return asker


def test_a_whole_is_sent_without_a_pause_between_its_pieces() -> None:
    asker = sent(pieces_of_a_whole(50))

    assert (b"".join(asker.got), asker.how) == (b"".join(b"%d" % n for n in range(1, 51)), "ended")


def test_a_server_that_leaves_sends_a_whole_to_its_end_and_nothing_else() -> None:
    assert (sent(pieces_of_a_whole(3), is_leaving=True).how, len(sent(pieces_of_a_whole(3), is_leaving=True).got)) == (
        "ended", 3,
    )  # fmt: skip
    events = sent(lambda: Part(b"an event", is_last=False), is_leaving=True)
    assert (events.got, events.how) == ([b"an event"], "ended")


def test_a_whole_that_cannot_be_sent_to_its_end_is_cut_off() -> None:
    pieces = pieces_of_a_whole(3)

    def following() -> Part:
        part = pieces()
        if part.content == b"2":
            time.sleep(0.5)  # longer than anybody waits
        return part

    asker = sent(following, within_s=0.1)

    assert (asker.got, asker.how) == ([b"1"], "cut off")


def test_a_fault_in_the_middle_is_no_end() -> None:
    def following() -> Part:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):  # whoever asked for it hangs up
        sent(following)


def test_a_client_that_leaves_ends_it() -> None:
    asker = sent(pieces_of_a_whole(5), reads=1)

    assert asker.got == [b"1", b"2"]
