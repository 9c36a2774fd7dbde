"""What is remembered between two starts: typed, versioned, and never a reason not to start.

Values are JSON texts in one ini file of the user. What is missing, corrupt or of a wrong type
falls back to its default with a line in the log. Storage that cannot be written costs the memory,
nothing else.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QByteArray, QSettings

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

_log = logging.getLogger(__name__)

T = TypeVar("T")
Migration = Callable[[dict[str, Any]], dict[str, Any]]

SCHEMA_VERSION = 1
SCHEMA_KEY = "schema"
MOST_RECENT_FILES = 10
ORGANISATION = APPLICATION = "playground"


class SettingError(ValueError):
    """Says why a stored value cannot be used."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One remembered value: where it stands, what it is at first, and what it may be.

    ``check`` returns the value to use for what was read from JSON, or raises
    :class:`SettingError`.
    """

    key: str
    default: T
    check: Callable[[Any], T]


def boolean(value: Any) -> bool:
    """Accept true and false."""
    if not isinstance(value, bool):
        raise SettingError(f"true or false expected, not {value!r}")
    return value


def text(value: Any) -> str:
    """Accept any text."""
    if not isinstance(value, str):
        raise SettingError(f"a text expected, not {value!r}")
    return value


def one_of(*allowed: str) -> Callable[[Any], str]:
    """Return a check that accepts some words only."""

    def check(value: Any) -> str:
        if value not in allowed:
            raise SettingError(f"one of {', '.join(allowed)} expected, not {value!r}")
        return str(value)

    return check


def number(minimum: float, maximum: float) -> Callable[[Any], float]:
    """Return a check that accepts numbers within bounds."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise SettingError(f"a number expected, not {value!r}")
        if not minimum <= value <= maximum:
            raise SettingError(f"a number from {minimum} to {maximum} expected, not {value}")
        return float(value)

    return check


def json_object(value: Any) -> Mapping[str, Any]:
    """Accept a JSON object; what is in it is its reader's business."""
    if not isinstance(value, dict):
        raise SettingError(f"an object expected, not {value!r}")
    return value


def words(value: Any) -> tuple[str, ...]:
    """Accept a list of texts."""
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise SettingError(f"a list of texts expected, not {value!r}")
    return tuple(value)


THEME = Setting("view/theme", "system", one_of("system", "dark", "light"))
LECTURE_SCALE = Setting("view/scale", 1.0, number(1.0, 2.0))
REDUCED_MOTION = Setting("view/reduced_motion", False, boolean)
RECENT_FILES: Setting[tuple[str, ...]] = Setting("files/recent", (), words)

_GEOMETRY = Setting("window/geometry", "", text)
_STATE = Setting("window/state", "", text)


class Settings:
    """Typed access to the user's settings file.

    Parameters
    ----------
    store
        Where the values stand; the user's ini file where left out.
    migrations
        ``{version: change}``: what turns the values of the version before into ``version``.
    """

    def __init__(
        self,
        store: QSettings | None = None,
        *,
        migrations: Mapping[int, Migration] | None = None,
        version: int = SCHEMA_VERSION,
    ) -> None:
        self._store = store if store is not None else _user_store()
        self._version = version
        self._complained = False
        self._migrate(migrations or {})

    @property
    def folder(self) -> Path:
        """Folder of the settings file, for what is kept beside it; it may not exist yet."""
        return Path(self._store.fileName()).parent

    def get(self, setting: Setting[T]) -> T:
        """Return a value, or its default where none can be used."""
        raw = self._store.value(setting.key)
        if raw is None:
            return setting.default
        try:
            return setting.check(_decoded(raw))
        except SettingError as error:
            # The text: a record that holds the error keeps every frame of its traceback alive.
            _log.warning("The setting %s was left out: %s.", setting.key, str(error))
            return setting.default

    def set(self, setting: Setting[T], value: T) -> None:
        """Remember a value.

        Raises
        ------
        SettingError
            If :meth:`get` would refuse it: a mistake of the program, not of the person.
        """
        encoded = json.dumps(value)
        setting.check(json.loads(encoded))
        self._store.setValue(setting.key, encoded)

    def forget(self, setting: Setting[Any]) -> None:
        """Go back to the default."""
        self._store.remove(setting.key)

    def save_window(self, window: QMainWindow) -> None:
        """Remember size, place and tool bars of the window."""
        for setting, value in ((_GEOMETRY, window.saveGeometry()), (_STATE, window.saveState())):
            self.set(setting, base64.b64encode(value.data()).decode("ascii"))

    def restore_window(self, window: QMainWindow) -> bool:
        """Bring size and place back; return False where there was nothing usable."""
        geometry, state = (self._bytes(setting) for setting in (_GEOMETRY, _STATE))
        if geometry is None or not window.restoreGeometry(QByteArray(geometry)):
            return False
        if state is not None:
            window.restoreState(QByteArray(state))
        return True

    def recent_files(self) -> tuple[Path, ...]:
        """Return the files opened or saved last, newest first; they may be gone."""
        return tuple(Path(name) for name in self.get(RECENT_FILES))

    def add_recent_file(self, path: str | Path) -> None:
        """Put a file at the front of the list, which keeps ten."""
        name = str(Path(path).absolute())
        others = [entry for entry in self.get(RECENT_FILES) if entry != name]
        self.set(RECENT_FILES, (name, *others)[:MOST_RECENT_FILES])

    def remove_recent_file(self, path: str | Path) -> None:
        """Take a file that is gone off the list."""
        name = str(Path(path).absolute())
        self.set(RECENT_FILES, tuple(x for x in self.get(RECENT_FILES) if x != name))

    def sync(self) -> bool:
        """Write to disk; return False, with one log line a session, where that is not possible."""
        self._store.sync()
        if self._store.status() == QSettings.Status.NoError:
            return True
        if not self._complained:
            self._complained = True
            _log.warning("Settings cannot be written to %s.", self._store.fileName())
        return False

    def _bytes(self, setting: Setting[str]) -> bytes | None:
        try:
            return base64.b64decode(self.get(setting), validate=True) or None
        except (binascii.Error, ValueError):
            _log.warning("The setting %s was left out: it is damaged.", setting.key)
            return None

    def _migrate(self, migrations: Mapping[int, Migration]) -> None:
        keys = [key for key in self._store.allKeys() if key != SCHEMA_KEY]
        stored = _whole_number(self._store.value(SCHEMA_KEY))
        if stored is not None and stored > self._version:
            # Written by a newer program: what is understood is used, what is not stays as it is.
            _log.info("The settings are of version %d, newer than %d.", stored, self._version)
            return
        if keys and (stored or 0) < self._version:
            self._apply(migrations, stored or 0, keys)
        self._store.setValue(SCHEMA_KEY, self._version)

    def _apply(self, migrations: Mapping[int, Migration], stored: int, keys: list[str]) -> None:
        values: dict[str, Any] = {}
        for key in keys:
            try:
                values[key] = _decoded(self._store.value(key))
            except SettingError as error:
                _log.warning("The setting %s was left out: %s.", key, str(error))
        before = dict(values)
        for version in range(stored + 1, self._version + 1):
            if version in migrations:
                values = migrations[version](values)
        for key in before.keys() - values.keys():
            self._store.remove(key)
        for key, value in values.items():
            if key not in before or before[key] != value:
                self._store.setValue(key, json.dumps(value))


def _user_store() -> QSettings:
    return QSettings(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, ORGANISATION, APPLICATION
    )


def _decoded(raw: Any) -> Any:
    # An ini file edited by hand may hold lists where commas stand.
    if not isinstance(raw, str):
        raise SettingError(f"it is no JSON text but {type(raw).__name__}")
    try:
        return json.loads(raw)
    except (json.JSONDecodeError, RecursionError):
        raise SettingError("it is no JSON text") from None


def _whole_number(raw: Any) -> int | None:
    try:
        return int(raw)
    except (TypeError, ValueError):
        return None
