"""The main function of a worker process of this machine."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from queue import SimpleQueue

from bayes_cevns.studies.execution.frames import read_frame, write_frame


def main() -> None:
    """Answer one point after the other, until the process that asks has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What libraries print is for people, and not for the process that listens.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asked: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    while True:
        frame = asked.get()
        from bayes_cevns.studies.execution.worker import answer

        task, unit = pickle.loads(frame)
        try:
            write_frame(answers, pickle.dumps(answer(task, unit)))
        except BrokenPipeError:
            os._exit(1)


def _listen(asked: SimpleQueue[bytes]) -> None:
    """Take what is asked; end at once, in the middle of a fit, when nobody can ask any more."""
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        asked.put(frame)
    os._exit(1)
