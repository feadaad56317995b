"""A page is made by one thread at a time, and requests do not wait for it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from goldwire.report.page_cache import PageCache


class Maker:
    """Makes numbered pages, each when it is allowed to."""

    def __init__(self) -> None:
        self.allowed, self.made, self.at_work, self.most_at_work = threading.Semaphore(0), 0, 0, 0

    def __call__(self) -> int:
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        self.allowed.acquire()
        self.made += 1
        self.at_work -= 1
        return self.made


def until(cache: PageCache[int], page: int) -> None:
    for _ in range(1_000):
        if cache.get() == page:
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"no page {page}")


def test_all_first_requests_wait_for_one_page() -> None:
    maker = Maker()
    cache = PageCache(maker, max_age=60)
    with ThreadPoolExecutor(8) as pool:
        pages = [pool.submit(cache.get) for _ in range(8)]
        maker.allowed.release()
        assert {page.result(10) for page in pages} == {1}
    assert (maker.made, maker.most_at_work) == (1, 1)


def test_a_fresh_page_is_not_made_again() -> None:
    maker = Maker()
    cache = PageCache(maker, max_age=60, first=7)
    assert [cache.get() for _ in range(3)] == [7, 7, 7]
    assert (maker.made, maker.at_work) == (0, 0)


def test_an_old_page_is_served_while_the_next_one_is_made() -> None:
    maker = Maker()
    cache = PageCache(maker, max_age=-1, first=7)
    assert [cache.get() for _ in range(20)] == [7] * 20  # does not wait, and begins once
    maker.allowed.release()
    until(cache, 1)
    assert maker.most_at_work == 1
    maker.allowed.release(50)
    until(cache, 3)
