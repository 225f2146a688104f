"""One thread, in order."""

import asyncio
import threading
from functools import partial

import pytest

from storage.log.writing_thread import WritingThread


async def test_work_is_done_in_order_by_one_thread_that_is_not_the_loops() -> None:
    thread, done = WritingThread("writer"), list[int]()

    def work(number: int) -> str:
        done.append(number)
        return threading.current_thread().name

    assert await asyncio.gather(*(thread.run(partial(work, number)) for number in range(20))) == ["writer"] * 20
    assert done == list(range(20))
    thread.join()


async def test_what_it_raises_is_the_callers_and_the_next_one_is_done() -> None:
    thread = WritingThread("writer")
    with pytest.raises(ZeroDivisionError):
        await thread.run(lambda: 1 // 0)
    assert await thread.run(lambda: 7) == 7
    thread.join()


async def test_a_caller_that_is_cancelled_before_its_turn_has_nothing_done() -> None:
    thread, begin, done = WritingThread("writer"), threading.Event(), list[str]()
    first = thread.run(begin.wait)
    second = thread.run(lambda: done.append("second"))
    third = thread.run(lambda: done.append("third"))
    second.cancel()
    begin.set()
    await asyncio.gather(first, third)
    assert done == ["third"]
    thread.join()


async def test_a_caller_that_is_cancelled_later_does_not_stop_it() -> None:
    thread, entered, begin = WritingThread("writer"), threading.Event(), threading.Event()

    def work() -> None:
        entered.set()
        begin.wait()

    first = thread.run(work)
    await asyncio.to_thread(entered.wait)
    first.cancel()
    begin.set()
    assert await thread.run(lambda: "next") == "next"
    thread.join()


async def test_joining_waits_for_what_was_given() -> None:
    thread, done = WritingThread("writer"), list[int]()
    for number in range(5):
        thread.run(partial(done.append, number))
    thread.join()
    assert done == list(range(5))


async def test_whoever_comes_after_the_end_is_not_kept_waiting() -> None:
    """A writer that waited for its turn while the database was closed never heard of anything."""
    for begun in (True, False):
        thread = WritingThread("writer")
        if begun:
            await thread.run(lambda: None)
        thread.join()
        with pytest.raises(RuntimeError):
            thread.run(lambda: None)


def test_a_thread_that_was_never_needed_is_joined() -> None:
    WritingThread("writer").join()
