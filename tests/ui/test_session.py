from __future__ import annotations

from playground.engine.runfile import RunDocument
from playground.ui import session
from playground.ui.session import MAX_RESTORED_STEPS, load_run, save_runs, session_file
from tests.engine.toys import Jump, WalkSpec, create


def document(frontier=20):
    edits = ((5, Jump(by=1.0)),)
    return RunDocument.of("walk", WalkSpec(), 7, edits, step=frontier, frontier=frontier)


def test_a_run_comes_back(tmp_path):
    folder = tmp_path / "new" / "folder"
    save_runs(folder, {"walk": document()})
    assert load_run(folder, "walk", create) == document()
    assert load_run(folder, "other", create) is None


def test_of_a_very_long_run_only_the_settings_come_back(tmp_path):
    save_runs(tmp_path, {"walk": document(MAX_RESTORED_STEPS + 1)})
    found = load_run(tmp_path, "walk", create)
    assert (found.step, found.frontier, found.edits) == (0, 0, ())
    assert found.spec == document().spec


def test_a_run_too_large_to_read_at_every_start_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "MAX_RESTORED_BYTES", 10)
    save_runs(tmp_path, {"walk": document()})
    assert not session_file(tmp_path, "walk").exists()


def test_damage_is_logged_and_left_out(tmp_path, caplog):
    session_file(tmp_path, "walk").write_text('{"format": "playrun"', "utf-8")
    assert load_run(tmp_path, "walk", create) is None
    assert "was left out" in caplog.text


def test_a_place_that_cannot_be_written_is_logged(tmp_path, caplog):
    place = tmp_path / "file"
    place.write_text("in the way", "utf-8")
    save_runs(place, {"walk": document()})
    assert "was not kept" in caplog.text
