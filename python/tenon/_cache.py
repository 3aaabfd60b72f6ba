"""A bounded cache of things that are slow to make, for use from several threads at once."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakSet

__all__ = ["CacheInfo", "Cache", "Entry"]

T = TypeVar("T")


_PERIOD = 0.05  # seconds between two questions whether to go on waiting


class CacheInfo(NamedTuple):
    """What a cache has done so far."""

    hits: int
    misses: int
    maxsize: int
    currsize: int


class Entry(Generic[T]):
    """A place in a cache. Once the cache has dropped it, its value is None."""

    __slots__ = ("lock", "value", "used")

    def __init__(self) -> None:
        # Making a value may call the user's code, which may ask for it.
        self.lock = threading.RLock()
        self.value: T | None = None
        #: whether a holder used the value since the entry was last in line to leave
        self.used = False


def _acquire(entry: Entry[Any], gives_up: Callable[[], bool] | None) -> bool:
    """Waits for the lock of an entry until `gives_up` says so. Returns whether it is held."""
    if gives_up is None:
        return entry.lock.acquire()
    if entry.lock.acquire(blocking=False):
        return True
    while not gives_up():
        if entry.lock.acquire(timeout=_PERIOD):
            return True
    return False


class Cache(Generic[T]):
    """Least recently used entries leave first. A value is made once, however many threads ask for it
    at the same time; threads that ask for different values do not wait for each other."""

    def __init__(self, maxsize: int) -> None:
        self._maxsize = maxsize
        self._entries: OrderedDict[Hashable, Entry[T]] = OrderedDict()
        # A signal handler may ask while its own thread holds it.
        self._lock = threading.RLock()
        self._hits = self._misses = 0
        _caches.add(self)

    def get(self, key: Hashable, make: Callable[[], T], gives_up: Callable[[], bool] | None = None) -> T:
        """The value under `key`, made by `make` if there is none. What `make` raises is not kept.

        A value that another thread is making is waited for. `gives_up` is for callers that the other thread may itself
        be waiting for: it is asked now and then, and once it says so the value is made a second time, as it is where
        `make` itself asks.
        """
        with self._lock:
            found = self.find(key)
            if found is not None and found.value is not None:
                return found.value
            entry = self._entries.get(key)
            if entry is None:
                entry = self._entries[key] = Entry()
                self._drop_the_oldest()
        if not _acquire(entry, gives_up):
            return make()
        try:
            # Another thread may drop the entry at any time.
            value = entry.value
            if value is not None:
                with self._lock:
                    self._hits += 1
                return value
            try:
                value = entry.value = make()
            except BaseException:
                with self._lock:
                    if self._entries.get(key) is entry:
                        del self._entries[key]
                raise
        finally:
            entry.lock.release()
        with self._lock:
            self._misses += 1
        return value

    def _drop_the_oldest(self) -> None:
        while len(self._entries) > self._maxsize:
            key, entry = next(iter(self._entries.items()))
            if entry.used:
                entry.used = False
                self._entries.move_to_end(key)
            else:
                del self._entries[key]
                entry.value = None

    def find(self, key: Hashable) -> Entry[T] | None:
        """The entry under `key`, if its value has been made: a hit then, and nothing else."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry.value is None:
                return None
            self._hits += 1
            self._entries.move_to_end(key)
            return entry

    def count_hit(self, entry: Entry[T]) -> None:
        """After the value of an entry was used that a caller had kept, which takes no look at its key."""
        with self._lock:
            self._hits += 1
            entry.used = True

    def take_back_hit(self) -> None:
        """After a `find` whose value was of no use: the `get` that follows counts."""
        with self._lock:
            self._hits -= 1

    def forget_unfinished(self) -> None:
        """For a forked process: the threads that were making values are not in it."""
        for key in [key for key, entry in self._entries.items() if entry.value is None]:
            del self._entries[key]

    def clear(self) -> None:
        """Forgets all entries; what callers hold stays alive."""
        with self._lock:
            for entry in self._entries.values():
                entry.value = None
            self._entries.clear()
            self._hits = self._misses = 0

    def info(self) -> CacheInfo:
        """Counts of hits and misses since the last clear, and the sizes."""
        with self._lock:
            return CacheInfo(self._hits, self._misses, self._maxsize, len(self._entries))


_caches: WeakSet[Cache[Any]] = WeakSet()


_held: list[Cache[Any]] = []


def _before_fork() -> None:
    # Else a child may find a dictionary that a thread was changing.
    _held[:] = _caches
    for cache in _held:
        cache._lock.acquire()


def _after_fork_in_parent() -> None:
    for cache in _held:
        cache._lock.release()
    _held.clear()


def _after_fork_in_child() -> None:
    for cache in _held:
        cache.forget_unfinished()
    _after_fork_in_parent()


os.register_at_fork(
    before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
)
