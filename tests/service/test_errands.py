"""Each name is seen to once however often it was put down, and by one thread at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor

from app.service.errands import Errands


def test_names_are_taken_in_order_and_once() -> None:
    errands = Errands()

    errands.put(["a", "b", "a"])
    errands.put(["b", "c"])

    assert [errands.take() for _ in range(3)] == ["a", "b", "c"]


def test_a_name_put_down_while_somebody_is_at_it_comes_again_when_he_is_done() -> None:
    errands = Errands()
    errands.put(["a"])
    taken = errands.take()
    errands.put(["a", "a", "b"])

    assert (taken, errands.take()) == ("a", "b")
    errands.done("a")
    assert errands.take() == "a"


def test_a_name_that_is_done_does_not_come_again_by_itself() -> None:
    errands = Errands()
    errands.put(["a"])
    errands.take()
    errands.done("a")
    errands.put(["b"])

    assert errands.take() == "b"


def test_who_waits_is_let_go_at_the_end() -> None:
    errands = Errands()
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(errands.take) for _ in range(2)]

        errands.close()

        assert [one.result() for one in waiting] == [None, None]


def test_no_two_threads_are_at_one_name_and_none_is_lost() -> None:
    errands = Errands()
    at_it: set[str] = set()
    changing, seen = threading.Lock(), dict.fromkeys("abc", 0)

    def work() -> None:
        while (name := errands.take()) is not None:
            with changing:
                assert name not in at_it
                at_it.add(name)
            seen[name] += 1
            with changing:
                at_it.discard(name)
            errands.done(name)

    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(work) for _ in range(3)]
        for number in range(3000):
            errands.put(["abc"[number % 3]])
        last = dict(seen)
        errands.put("abc")
        while not all(seen[name] > last[name] for name in "abc"):
            pass
        errands.close()
        for worker in workers:
            worker.result()
