"""What leaves the training thread: a slot that holds the latest frame, a log that loses nothing."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One slot: putting replaces, taking empties it and asks for more.

    The sender builds something costly only when it is ``wanted``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._content: T | None = None
        self._wanted = True

    @property
    def wanted(self) -> bool:
        """Tell whether the last content was taken."""
        return self._wanted

    def put(self, content: T) -> None:
        """Replace whatever is in the slot."""
        with self._lock:
            self._content = content
            self._wanted = False

    def take(self) -> T | None:
        """Empty the slot; None when nothing was put since the last time."""
        with self._lock:
            content, self._content = self._content, None
            self._wanted = True
            return content


class EventLog(Generic[T]):
    """A queue from any number of threads to one reader, in order and without loss."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: list[T] = []

    def post(self, event: T) -> None:
        """Add an event."""
        with self._lock:
            self._events.append(event)

    def drain(self) -> list[T]:
        """Return all events since the last time, oldest first."""
        with self._lock:
            events, self._events = self._events, []
            return events
