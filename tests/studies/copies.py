"""Copies of this process, made by fork, that do some work and note how it ended.

With `remembering`, every study is run once, which is compiled and sampled, and copies take the fits
that were made and none besides: one that asks for a fit with another seed, say, ends with an error.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.errors import BayesCevnsError
from bayes_cevns.inference import at_draws
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.preview import find
from bayes_cevns.inference.profile import likelihood
from bayes_cevns.storage.digests import digest_of
from bayes_cevns.studies import engines
from bayes_cevns.studies.calibration import simulator
from bayes_cevns.summary.fit import Fit

#: Seconds after which a copy hangs.
PATIENCE = 120

FINISHED, REFUSED, STOPPED, BROKEN = "finished", "refused", "stopped", "broken"


@dataclass(frozen=True)
class Begun:
    """A fit that has been made, in place of one that is begun."""

    fit: Fit
    data: Mapping[str, Any]
    prior: CouplingPrior | None

    def result(self) -> Fit:
        return self.fit

    def stop(self) -> None:
        pass


@contextmanager
def remembering() -> Iterator[None]:
    """Context in which models are compiled once, and copies of this process take its fits."""
    made, owner = {}, os.getpid()
    engine_begin, engine_compile = Engine.begin, Engine.compile

    def compile_(self: Engine, mass_mev: float | None = None) -> Any:
        return engine_compile(self, mass_mev) if os.getpid() == owner else None

    def begin(
        self: Engine, mass_mev: float | None = None, *, cores: int | None = None, **asked: Any
    ) -> Begun:
        mass = None if mass_mev is None else float(mass_mev)
        named = sorted((key, value) for key, value in asked.items() if value is not None)
        key = digest_of((self.spec, self.settings, self.monitored, self.free, mass, named))
        if os.getpid() == owner:
            fitting = engine_begin(self, mass_mev, cores=cores, **asked)
            made[key] = Begun(fitting.result(), fitting.data, fitting.prior)
        assert key in made, "a fit that the undisturbed run has not made"
        return made[key]

    def preview_at(engine: Engine, mass_mev: float | None) -> Any:
        key = digest_of(("preview", engine.spec, mass_mev))
        if os.getpid() == owner:
            made[key] = real_preview_at(engine, mass_mev)
        assert key in made, "a preview that the undisturbed run has not made"
        return made[key]

    real_preview_at = find.preview_at
    once = (
        (engines, "engine_for"),
        (likelihood, "Likelihood"),
        (simulator, "Simulator"),
        (at_draws, "ModelAtDraws"),
    )
    before = [getattr(module, name) for module, name in once]
    try:
        Engine.begin, Engine.compile, find.preview_at = begin, compile_, preview_at
        for module, name in once:
            setattr(module, name, cache(getattr(module, name)))
        yield
    finally:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        Engine.begin, Engine.compile = engine_begin, engine_compile
        find.preview_at = real_preview_at
        for (module, name), real in zip(once, before, strict=True):
            setattr(module, name, real)


@dataclass(frozen=True)
class End:
    """How a copy of this process has ended.

    Attributes
    ----------
    how
        `FINISHED`, `REFUSED` by an error of the package in one line, `STOPPED` by an interrupt,
        `BROKEN` by anything else, or the name of a signal.
    text
        The error.
    value
        What the work has returned.
    warned
        Categories of the warnings.
    """

    how: str
    text: str = ""
    value: Any = None
    warned: list[str] = field(default_factory=list)


def start(work: Callable[[], Any], note: Path) -> int:
    """Start a copy of this process that does some work, and notes how it ended."""
    gc.collect()
    gc.freeze()  # the next collection is of what is new, and copies share the pages
    with warnings.catch_warnings():
        # Of threads that wait for work; the copies do not use them.
        warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning)
        number = os.fork()
    if number:
        return number
    try:
        signal.alarm(PATIENCE)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        end = tried(work)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        note.write_text(json.dumps(asdict(end)))
    finally:
        os._exit(0)


def tried(work: Callable[[], Any]) -> End:
    """Do some work, and return how it ended."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            end = End(FINISHED, value=work())
        except BayesCevnsError as error:
            end = End(BROKEN if "\n" in str(error) or not str(error) else REFUSED, str(error))
        except KeyboardInterrupt:
            end = End(STOPPED)
        except BaseException:  # whatever it is, it is noted
            end = End(BROKEN, traceback.format_exc())
    return replace(end, warned=sorted({w.category.__name__ for w in caught}))


def ended(number: int, note: Path) -> End:
    """Wait for a copy to end."""
    status = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
    if status < 0:
        return End(signal.Signals(-status).name)
    if not note.exists():
        return End(STOPPED)  # by an interrupt before the work began, or after its end
    try:
        return End(**json.loads(note.read_text()))
    finally:
        note.unlink(missing_ok=True)


def done(work: Callable[[], Any], note: Path) -> End:
    """Do some work in a copy of this process."""
    return ended(start(work, note), note)


def killed_after(seconds: float, number: int, note: Path, kill: signal.Signals) -> End:
    """Send a signal to a copy some time after now, and return how it has ended."""
    time.sleep(seconds)
    os.kill(number, kill)
    return ended(number, note)
