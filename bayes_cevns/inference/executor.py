"""Several tasks at a time, their results in order, none lost when one is interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor


def run_in_order[Item, Result](
    task: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int,
    add: Callable[[Result], None],
) -> None:
    """Run a task for each item in threads and hand over the results in the items' order.

    Parameters
    ----------
    task
        Releases the interpreter lock for most of its time, as a sampler does.
    items
        What to run it for.
    workers
        How many run at the same time.
    add
        Called with each result, in the calling thread.

    Notes
    -----
    When a task fails or the user interrupts, the tasks that have begun are finished, the
    results at hand are handed over, and the exception goes on.
    """
    pool = ThreadPoolExecutor(max_workers=workers)
    waiting: list[Future[Result]] = [pool.submit(task, item) for item in items]
    try:
        while waiting:
            add(waiting[0].result())
            waiting.pop(0)
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        for future in waiting:
            if future.done() and not future.cancelled() and future.exception() is None:
                add(future.result())
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
