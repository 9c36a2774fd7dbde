from __future__ import annotations

import logging

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMainWindow

from playground.ui import settings as module
from playground.ui.settings import (
    LECTURE_SCALE,
    RECENT_FILES,
    REDUCED_MOTION,
    THEME,
    Setting,
    SettingError,
    Settings,
    boolean,
    json_object,
    number,
    one_of,
    text,
    words,
)

PANE = Setting("panes/perceptron", {}, json_object)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "settings.ini"


def store(path):
    return QSettings(str(path), QSettings.Format.IniFormat)


def test_values_survive_a_restart(path):
    first = Settings(store(path))
    assert first.get(THEME) == "system"
    first.set(THEME, "dark")
    first.set(LECTURE_SCALE, 1.4)
    first.set(REDUCED_MOTION, True)
    first.set(PANE, {"folded": ["Data"], "splitter": [300, 1.5], "note": "β → ∞, “quoted”; a=b"})
    assert first.sync()
    again = Settings(store(path))
    assert again.get(THEME) == "dark"
    assert again.get(LECTURE_SCALE) == 1.4
    assert again.get(REDUCED_MOTION) is True
    assert again.get(PANE) == {
        "folded": ["Data"],
        "splitter": [300, 1.5],
        "note": "β → ∞, “quoted”; a=b",
    }
    again.forget(THEME)
    assert again.get(THEME) == "system"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=4))
@hypothesis.settings(max_examples=25)
def test_any_json_object_survives(tmp_path_factory, value):
    file = tmp_path_factory.mktemp("any") / "s.ini"
    settings = Settings(store(file))
    settings.set(PANE, value)
    settings.sync()
    assert Settings(store(file)).get(PANE) == value


@pytest.mark.parametrize(
    ("key", "raw", "setting"),
    [
        ("view/theme", "no json", THEME),
        ("view/theme", '"sepia"', THEME),
        ("view/theme", "3", THEME),
        ("view/scale", "9.5", LECTURE_SCALE),
        ("view/scale", "true", LECTURE_SCALE),
        ("view/scale", "NaN", LECTURE_SCALE),
        ("view/reduced_motion", "1", REDUCED_MOTION),
        ("files/recent", '"a"', RECENT_FILES),
        ("files/recent", "[1]", RECENT_FILES),
        ("panes/perceptron", "[]", PANE),
        ("panes/perceptron", "[" * 100_000, PANE),
        ("view/theme", ["a", "list"], THEME),
    ],
)
def test_damaged_or_foreign_values_fall_back_with_a_log_line(path, key, raw, setting, caplog):
    raw_store = store(path)
    raw_store.setValue(key, raw)
    settings = Settings(raw_store)
    with caplog.at_level(logging.WARNING):
        assert settings.get(setting) == setting.default
    assert setting.key in caplog.text
    # An error in a record would keep every frame of its traceback alive.
    assert not any(isinstance(it, BaseException) for r in caplog.records for it in r.args)


def test_a_file_of_noise_is_an_empty_one(path):
    path.write_bytes(bytes(range(256)) * 40)
    settings = Settings(store(path))
    assert settings.get(THEME) == "system"
    settings.set(THEME, "light")
    assert settings.get(THEME) == "light"


def test_writing_what_reading_would_refuse_is_a_mistake(path):
    settings = Settings(store(path))
    with pytest.raises(SettingError, match="one of system, dark, light"):
        settings.set(THEME, "sepia")
    assert settings.get(THEME) == "system"


def test_recent_files_are_newest_first_without_doubles_and_ten(path, tmp_path):
    settings = Settings(store(path))
    names = [tmp_path / f"{number}.playrun" for number in range(12)]
    for name in (*names, names[5]):
        settings.add_recent_file(name)
    recent = settings.recent_files()
    assert recent[0] == names[5]
    assert recent[1] == names[11]
    assert len(recent) == 10
    assert len(set(recent)) == 10
    settings.remove_recent_file(names[5])
    assert names[5] not in settings.recent_files()


def test_window_comes_back_as_it_was(path, qapp, qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(640, 480)
    settings = Settings(store(path))
    assert not settings.restore_window(window)
    settings.save_window(window)
    settings.sync()
    other = QMainWindow()
    qtbot.addWidget(other)
    assert Settings(store(path)).restore_window(other)
    assert other.size() == window.size()


@pytest.mark.parametrize("raw", ['"%%%"', '"AAAA"', "3"])
def test_damaged_geometry_is_left_out(path, qapp, qtbot, raw):
    raw_store = store(path)
    raw_store.setValue("window/geometry", raw)
    window = QMainWindow()
    qtbot.addWidget(window)
    before = window.size()
    assert not Settings(raw_store).restore_window(window)
    assert window.size() == before


def test_migrations_run_in_order_and_once(path, caplog):
    old = store(path)
    old.setValue("dark", "true")
    old.setValue("broken", "{")
    calls = []

    def to_1(values):
        calls.append(1)
        dark = values.pop("dark")
        return {**values, "view/dark": dark}

    def to_2(values):
        calls.append(2)
        return {"view/theme": "dark" if values["view/dark"] else "light"}

    migrations = {2: to_2, 1: to_1}
    with caplog.at_level(logging.WARNING):
        settings = Settings(old, migrations=migrations, version=2)
    assert settings.get(THEME) == "dark"
    assert calls == [1, 2]
    assert "broken" in caplog.text
    assert "dark" not in old.allKeys()
    settings.sync()
    Settings(store(path), migrations=migrations, version=2)
    assert calls == [1, 2]


def test_settings_of_a_newer_program_are_used_and_not_stamped_down(path):
    newer = store(path)
    newer.setValue("schema", 99)
    newer.setValue("view/theme", '"dark"')
    settings = Settings(newer)
    assert settings.get(THEME) == "dark"
    settings.sync()
    assert int(store(path).value("schema")) == 99


def test_storage_that_cannot_be_written_costs_only_the_memory(path, caplog):
    # A folder where the file should be: not even root can write that.
    path.mkdir()
    settings = Settings(store(path))
    settings.set(THEME, "dark")
    with caplog.at_level(logging.WARNING):
        assert settings.sync() is False
        assert settings.sync() is False
    assert settings.get(THEME) == "dark"
    assert caplog.text.count("cannot be written") == 1


def test_the_users_file_lies_in_a_folder_of_our_own(qapp):
    settings = Settings()
    assert settings.folder.name == module.ORGANISATION
    assert settings.folder.is_absolute()


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (boolean, True, 1),
        (text, "a", 1),
        (one_of("a", "b"), "b", "c"),
        (number(0, 1), 0.5, 2),
        (number(0, 1), 1, "1"),
        (json_object, {"a": 1}, []),
        (words, ["a"], ["a", None]),
    ],
)
def test_checks(check, good, bad):
    assert check(good) == (tuple(good) if check is words else good)
    with pytest.raises(SettingError):
        check(bad)
