"""Work shared out to several processes, where that is quick and safe: on Linux, without threads."""

import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path


def can_share() -> bool:
    """Return whether more processes are quick and safe to have."""
    # threading.active_count() would miss the threads of libraries.
    threads = Path("/proc/self/task")
    return threads.is_dir() and len(os.listdir(threads)) == 1 and _processors() > 1


def share_out(work: Callable, items: list) -> Iterator[tuple]:
    """Yield each item with what `work` makes of it in one of several processes, as they come; those
    of a process that was killed are missing. `work` must not raise, nor use what does not follow
    into another process, such as an SQLite connection."""
    context, count, waiting, processes = get_context("fork"), _processors(), [], []
    for number in range(count):
        receiver, sender = context.Pipe(duplex=False)
        arguments = (work, items[number::count], receiver, sender)
        processes.append(context.Process(target=_work, args=arguments, daemon=True))
        processes[-1].start()
        sender.close()
        waiting.append(receiver)
    while waiting:
        for receiver in wait(waiting):
            try:
                yield receiver.recv()
            except (EOFError, OSError):  # it ended, or was killed while it sent
                waiting.remove(receiver)
    for process in processes:
        process.join()


def _work(work: Callable, items: list, receiver: Connection, sender: Connection):
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    receiver.close()  # so that the process ends when no one listens any more
    for item in items:
        try:
            sender.send((item, work(item)))
        except OSError:
            return


def _processors() -> int:
    return min(len(os.sched_getaffinity(0)), 4)
