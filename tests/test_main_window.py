from __future__ import annotations

import math
import shutil
from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from playground.engine.frames import Ended, LibrariesLoaded, Phase
from playground.engine.runfile import load
from playground.engine.runner import Runner
from playground.main_window import MainWindow
from playground.panes.registry import UnknownPane
from playground.ui.errors import ErrorBar
from playground.ui.settings import Settings
from playground.ui.theme import theme
from tests.engine.toys import WalkSpec, create
from tests.ui.walk_pane import WALKS


class Bench:
    """A window whose runner is turned by hand, so that nothing depends on time."""

    def __init__(self, folder, panes=WALKS):
        self.settings = Settings(
            QSettings(str(folder / "playground.ini"), QSettings.Format.IniFormat)
        )
        self.runner = Runner(create)
        self.window = MainWindow(self.runner, self.settings, ErrorBar(), panes, create)
        if not (folder / "playground.ini").exists():
            self.window.resize(1280, 800)

    def start(self, pane=None):
        self.window.show()
        self.window.stage_first_pane(pane)
        return self.turn()

    def turn(self, turns=3):
        for _ in range(turns):
            self.runner.pump()
            self.window.clock.tick()
        return self

    def trigger(self, action):
        self.window.commands[action].trigger()
        return self.turn()

    @property
    def pane(self):
        return self.window.host.current.pane

    @property
    def frame(self):
        return self.window.channel.last_frame

    @property
    def step(self):
        return self.frame.snapshot.step

    @property
    def problems(self):
        return [problem.sentence for problem in self.window.error_bar.problems]

    def steps(self, count):
        for _ in range(count):
            self.trigger("run.step")
        return self


@pytest.fixture
def make(qtbot, tmp_path):
    made = []

    def build(folder=tmp_path, panes=WALKS):
        theme().install(QApplication.instance())
        bench = Bench(folder, panes)
        qtbot.addWidget(bench.window)
        made.append(bench)
        return bench

    yield build
    for bench in made:
        bench.window.close()
        # pytest itself still holds the bench; what it held must go before widgets are counted.
        vars(bench).clear()
    theme().set_mode("system")
    theme().set_scale(1.0)
    theme().set_reduced_motion(False)
    QApplication.instance().setStyleSheet("")


@pytest.fixture
def bench(make):
    return make().start()


@pytest.fixture
def tabbed(make):
    """Return a window whose first pane has a tab beside it."""
    first, other = WALKS
    panes = (
        replace(first, tab="Plain"),
        replace(other, id="beside", under="walk", tab="Beside"),
        other,
    )
    return make(panes=panes).start()


class TestTabs:
    def test_only_panes_with_an_entry_of_their_own_are_on_the_rail(self, tabbed):
        assert [button.text() for button in tabbed.window.rail.buttons()] == ["Walk", "Other walk"]

    def test_tabs_are_shown_where_there_are_some(self, tabbed):
        tabs = tabbed.window.stage.tabs
        assert (tabs.values, tabs.value, tabs.isHidden()) == (("walk", "beside"), "walk", False)
        tabbed.window.stage_pane("other")
        assert tabs.isHidden()

    def test_a_tab_brings_its_own_run_with_its_own_timeline(self, tabbed):
        tabbed.steps(3)
        tabbed.window.stage.tabs.edited.emit("beside")
        tabbed.turn()
        assert (tabbed.window.channel.name, tabbed.step) == ("beside", 0)
        tabbed.window.stage.tabs.edited.emit("walk")
        tabbed.turn()
        assert tabbed.step == 3

    def test_the_rail_returns_to_the_tab_that_was_left(self, tabbed):
        tabbed.window.stage_pane("beside")
        tabbed.window.stage_pane("other")
        tabbed.window.rail.asked.emit("walk")
        assert tabbed.window.host.current.info.id == "beside"
        assert next(iter(tabbed.window.rail.buttons())).isChecked()

    def test_tabs_share_a_lesson_whose_links_name_the_tab(self, tabbed):
        tabbed.window.lesson.preset_asked.emit("beside/far")
        tabbed.turn()
        current = tabbed.window.host.current
        assert (current.info.id, current.pane.lesson) == ("beside", "walk")
        assert tabbed.frame.snapshot.spec.start == 100.0


class TestStage:
    def test_the_first_screen_is_alive(self, bench):
        assert bench.window.stage.title.text() == "Random walk"
        assert bench.pane.rendered
        assert bench.pane.slow >= 1
        assert bench.window.stage.verdict.text.startswith("position")
        assert bench.window.workspace.inspector.widget() is bench.pane.inspector()
        assert bench.window.windowTitle() == "Random walk – Playground"

    def test_an_unknown_pane_is_refused(self, bench):
        with pytest.raises(UnknownPane, match="there are: walk, other"):
            bench.window.stage_pane("nonsense")

    def test_panes_are_made_when_wanted_and_kept(self, bench):
        first = bench.pane
        assert len(bench.window.host.all_open()) == 1
        bench.trigger("pane.other")
        assert bench.pane is not first
        assert bench.window.stage.title.text() == "Another walk"
        bench.trigger("pane.walk")
        assert bench.pane is first

    def test_who_leaves_the_stage_pauses_and_is_not_drawn(self, bench):
        bench.trigger("run.play")
        walk = bench.window.channel
        assert bench.frame.transport.phase is Phase.PLAYING
        bench.trigger("pane.other")
        drawn = len(bench.window.host.all_open()[0].pane.rendered)
        bench.turn(5)
        assert len(bench.window.host.all_open()[0].pane.rendered) == drawn
        bench.trigger("pane.walk")
        assert walk.phase is Phase.PAUSED

    def test_unless_runs_go_on_in_the_background(self, bench):
        bench.trigger("view.background")
        bench.trigger("run.play")
        bench.trigger("pane.other")
        bench.turn(5)
        bench.trigger("pane.walk")
        assert bench.frame.transport.phase is Phase.PLAYING

    def test_a_hidden_window_costs_nothing(self, bench):
        bench.trigger("run.play")
        bench.window.hide()
        bench.turn()
        drawn = len(bench.pane.rendered)
        bench.turn(10)
        assert len(bench.pane.rendered) == drawn
        bench.window.show()
        bench.turn()
        assert len(bench.pane.rendered) > drawn


class TestCommands:
    def test_steps_forward_and_back(self, bench):
        bench.steps(3)
        assert bench.step == 3
        bench.trigger("run.step_back")
        assert bench.step == 2
        bench.trigger("run.end")
        assert bench.step == 3
        bench.trigger("run.start")
        assert bench.step == 0
        bench.trigger("run.mark")
        assert bench.step == 7
        bench.trigger("run.mark_back")
        assert bench.step == 0

    def test_play_and_pause(self, bench):
        bench.trigger("run.play")
        assert bench.window.transport.play_button.phase is Phase.PLAYING
        bench.trigger("run.play")
        assert bench.window.transport.play_button.phase is Phase.PAUSED

    def test_speed(self, bench):
        assert bench.window.transport.speed.speed == 30.0
        bench.trigger("run.faster")
        assert bench.window.transport.speed.speed == 50.0
        bench.trigger("run.slower").trigger("run.slower")
        assert bench.window.transport.speed.speed == 20.0
        bench.trigger("run.max_speed")
        assert bench.window.transport.speed.speed == math.inf

    def test_reset_keeps_the_seed_and_new_seed_does_not(self, bench):
        bench.steps(2).trigger("run.reset")
        assert (bench.step, bench.frame.seed) == (0, 7)
        bench.trigger("run.new_seed")
        assert bench.frame.seed != 7

    def test_a_typed_seed_starts_afresh(self, bench, qtbot):
        field = bench.window.transport.seed.field
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, "42\r")
        bench.turn()
        assert bench.frame.seed == 42

    def test_new_run(self, bench):
        bench.window.channel.edit_value(("start",), 9.0)
        bench.turn().trigger("file.new")
        assert bench.frame.snapshot.spec == WalkSpec()

    def test_undo_and_redo_follow_the_stage(self, bench):
        assert not bench.window.commands["edit.undo"].isEnabled()
        bench.window.channel.edit_value(("rate",), 2.0)
        bench.turn()
        assert bench.window.commands["edit.undo"].text() == "Undo change rate"
        bench.trigger("edit.undo")
        assert bench.frame.snapshot.spec.rate == 0.1
        bench.trigger("edit.redo")
        assert bench.frame.snapshot.spec.rate == 2.0
        bench.trigger("pane.other")
        assert not bench.window.commands["edit.undo"].isEnabled()

    def test_the_panes_own_actions_are_there_only_while_it_is_on_stage(self, bench):
        own = bench.window.host.pane_actions
        own["walk.pull"].trigger()
        assert bench.pane.pulled == 1
        bench.trigger("pane.other")
        assert "walk.pull" not in own

    def test_the_timeline_seeks(self, bench):
        bench.steps(5)
        bench.window.transport.timeline.sought.emit(2)
        assert bench.turn().step == 2

    def test_help_lists_the_panes_actions_too(self, bench):
        bench.trigger("help.keys")
        assert "walk.pull" in bench.window._help.shown()
        assert "run.play" in bench.window._help.shown()

    def test_about(self, bench):
        bench.trigger("help.about")


class TestKeys:
    def press(self, bench, qtbot, key, modifier=Qt.KeyboardModifier.NoModifier, where=None):
        qtbot.keyClick(where or bench.window, key, modifier)
        bench.turn()

    @pytest.fixture
    def active(self, bench, qtbot):
        from playground.ui.focus_keys import FocusKeys

        FocusKeys(QApplication.instance())
        bench.window.activateWindow()
        qtbot.waitUntil(bench.window.isActiveWindow)
        return bench

    def test_arrows_and_space(self, active, qtbot):
        self.press(active, qtbot, Qt.Key.Key_Right)
        self.press(active, qtbot, Qt.Key.Key_Right)
        assert active.step == 2
        self.press(active, qtbot, Qt.Key.Key_Left)
        assert active.step == 1
        self.press(active, qtbot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        assert active.step == 7
        self.press(active, qtbot, Qt.Key.Key_Space)
        assert active.frame.transport.phase is Phase.PLAYING

    def test_space_plays_even_on_a_button_and_enter_presses_it(self, active, qtbot):
        button = active.window.transport.play_button
        button.setFocus()
        self.press(active, qtbot, Qt.Key.Key_Space, where=button)
        assert active.frame.transport.phase is Phase.PLAYING
        self.press(active, qtbot, Qt.Key.Key_Return, where=button)
        assert active.frame.transport.phase is Phase.PAUSED

    def test_a_text_field_keeps_its_keys(self, active, qtbot):
        active.steps(3)
        field = active.window.transport.seed.field
        field.setFocus()
        field.setText("123")
        for key in (Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Right):
            self.press(active, qtbot, key, where=field)
        assert field.cursorPosition() == 1
        assert active.step == 3
        assert isinstance(field, QLineEdit)

    def test_a_slider_keeps_its_arrows(self, active, qtbot):
        slider = active.window.transport.speed.slider
        slider.setFocus()
        before = slider.value()
        self.press(active, qtbot, Qt.Key.Key_Left, where=slider)
        assert slider.value() == before - 1
        assert active.step == 0


class TestFiles:
    def save(self, bench, path, monkeypatch, action="file.save"):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(path), ""))
        bench.trigger(action)

    def test_a_run_is_saved_and_opened_again(self, bench, tmp_path, monkeypatch):
        path = tmp_path / "walk.playrun"
        bench.steps(4)
        self.save(bench, path, monkeypatch)
        position = bench.frame.snapshot.position_
        assert load(path, create).step == 4
        assert bench.window.windowTitle().startswith("walk.playrun")
        assert not bench.window.isWindowModified()
        bench.steps(2)
        assert bench.window.isWindowModified()
        bench.trigger("run.reset")
        assert bench.window.open_file(path)
        bench.turn(6)
        assert bench.step == 4
        assert bench.frame.snapshot.position_ == position
        assert bench.settings.recent_files() == (path,)

    def test_a_recent_file_that_is_gone_leaves_the_list(self, bench, tmp_path):
        gone, broken = tmp_path / "gone.playrun", tmp_path / "broken.playrun"
        broken.write_text("not a run")
        for path in (gone, broken):
            bench.settings.add_recent_file(path)
            bench.window._open_recent(path)
        assert bench.settings.recent_files() == (broken,)
        assert len(bench.problems) == 2

    def test_a_second_save_asks_no_more(self, bench, tmp_path, monkeypatch):
        path = tmp_path / "walk"
        self.save(bench, path, monkeypatch)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: pytest.fail("asked"))
        bench.steps(2).trigger("file.save")
        assert load(tmp_path / "walk.playrun", create).step == 2

    def test_what_cannot_be_opened_is_a_sentence_and_changes_nothing(self, bench, tmp_path):
        path = tmp_path / "broken.playrun"
        path.write_bytes(b"\x00\xff")
        run = bench.window.channel.run_id
        assert not bench.window.open_file(path)
        assert "broken.playrun" in bench.problems[-1]
        assert bench.turn().window.channel.run_id == run

    def test_what_cannot_be_saved_is_a_sentence(self, bench, tmp_path, monkeypatch):
        self.save(bench, tmp_path / "nowhere" / "x.playrun", monkeypatch)
        assert "x.playrun" in bench.problems[-1]

    def drop(self, bench, mime):
        event = QDropEvent(
            QPointF(400, 300),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        bench.window.dropEvent(event)
        bench.turn(6)

    def test_a_dropped_run_file_is_opened(self, bench, tmp_path, monkeypatch):
        path = tmp_path / "dropped.playrun"
        bench.steps(3)
        self.save(bench, path, monkeypatch, "file.save_as")
        bench.trigger("run.reset")
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        self.drop(bench, mime)
        assert bench.step == 3

    def test_anything_else_goes_to_the_pane_or_is_a_sentence(self, bench):
        mime = QMimeData()
        mime.setText("1, 2, +1")
        self.drop(bench, mime)
        assert bench.pane.dropped == ["1, 2, +1"]
        self.drop(bench, QMimeData())
        assert "cannot be used here" in bench.problems[-1]

    def test_export_asks_the_pane(self, bench):
        menu = bench.window.stage.export_menu
        menu.aboutToShow.emit()
        assert [action.text() for action in menu.actions() if action.text()] == [
            "Plot as PNG …",
            "Save run as …",
        ]


class TestErrors:
    def test_a_failure_shows_with_its_traceback_and_reset_recovers(self, bench):
        bench.window.channel.open(WalkSpec(raise_at=1), 7)
        bench.turn().steps(2)
        (problem,) = bench.window.error_bar.problems
        assert "cannot be multiplied" in problem.sentence
        assert "RuntimeError" in problem.details
        bench.window.channel.open(WalkSpec(), 7)
        bench.turn()
        assert bench.window.error_bar.problems == ()
        assert bench.frame.transport.phase is Phase.PAUSED

    def test_libraries(self, bench):
        status = bench.window.transport.status
        status.set_loading(True)
        bench.runner._outbox.events.post(LibrariesLoaded("", "torch could not be loaded: no."))
        bench.turn()
        assert "loading" not in status.text
        assert bench.problems == ["torch could not be loaded: no."]


class TestLesson:
    def test_l_shows_it_and_the_button_follows(self, bench):
        assert bench.window.lesson.isHidden()
        bench.trigger("view.lesson")
        assert not bench.window.lesson.isHidden()
        assert bench.window.stage.lesson_button.isChecked()
        bench.window.lesson.close_asked.emit()
        assert bench.window.lesson.isHidden()

    def test_a_link_sets_the_pane_up(self, bench):
        bench.window.lesson.preset_asked.emit("far")
        bench.turn()
        assert bench.frame.snapshot.spec.start == 100.0
        assert bench.window.channel.speed == 50.0
        bench.window.lesson.preset_asked.emit("going")
        bench.turn()
        assert bench.frame.transport.phase is Phase.PLAYING

    def test_an_unknown_link_is_a_sentence(self, bench):
        bench.window.lesson.preset_asked.emit("nonsense")
        bench.window.lesson.view_asked.emit("nonsense")
        assert "there are: far, going" in bench.problems[0]
        assert "no view “nonsense”" in bench.problems[1]

    def test_a_narrow_window_shows_one_side_at_a_time(self, bench):
        bench.window.resize(1024, 700)
        bench.trigger("view.lesson")
        assert bench.window.workspace.inspector.isHidden()
        assert not bench.window.commands["view.inspector"].isChecked()
        bench.trigger("view.inspector")
        assert bench.window.lesson.isHidden()
        assert not bench.window.workspace.inspector.isHidden()
        bench.trigger("view.lesson")
        bench.window.resize(1600, 700)
        assert not bench.window.workspace.inspector.isHidden()
        assert not bench.window.lesson.isHidden()


class TestLook:
    def test_theme_and_scale(self, bench):
        bench.trigger("view.theme_light")
        assert theme().tokens.name == "light"
        assert bench.window.commands["view.theme_light"].isChecked()
        bench.trigger("view.theme_dark")
        assert theme().tokens.name == "dark"
        bench.trigger("view.larger").trigger("view.larger")
        assert theme().scale == pytest.approx(1.2)
        bench.trigger("view.smaller").trigger("view.normal_size")
        assert theme().scale == 1.0
        bench.trigger("view.reduce_motion")
        assert theme().reduced_motion

    @pytest.mark.parametrize("size", [(1024, 700), (1440, 900), (3840, 2160)])
    def test_the_window_keeps_the_size_it_is_given(self, bench, size):
        bench.window.resize(*size)
        theme().set_scale(1.6)
        bench.trigger("view.lesson")
        assert (bench.window.width(), bench.window.height()) == size
        assert bench.window.minimumSizeHint().width() <= 1024


class TestSession:
    def threaded(self, make, folder, act):
        """Run a session with the real thread; ``act`` gets the bench before the window closes."""
        bench = make(folder)
        bench.runner.start()
        bench.window.show()
        bench.window.stage_first_pane()
        act(bench)
        bench.window.close()
        assert bench.window.thread_ended
        return bench

    def wait_for(self, bench, qtbot, condition):
        def check():
            bench.window.clock.tick()
            assert condition()

        qtbot.waitUntil(check)

    def test_everything_is_as_it_was(self, make, tmp_path, qtbot):
        def first(bench):
            self.wait_for(bench, qtbot, lambda: bench.frame is not None)
            bench.window.resize(760, 700)
            bench.window.stage_pane("other")
            self.wait_for(bench, qtbot, lambda: bench.frame is not None)
            bench.window.channel.edit_value(("rate",), 3.0)
            bench.window.channel.step(9)
            bench.window.channel.set_speed(math.inf)
            self.wait_for(bench, qtbot, lambda: bench.step == 9)
            for action in ("view.inspector", "view.theme_light", "view.background"):
                bench.window.commands[action].trigger()
            theme().set_scale(1.2)

        self.threaded(make, tmp_path, first)
        theme().set_scale(1.0)
        theme().set_mode("dark")

        def second(bench):
            window = bench.window
            assert window.host.current.info.id == "other"
            self.wait_for(bench, qtbot, lambda: bench.frame and bench.step == 9)
            assert bench.frame.snapshot.spec.rate == 3.0
            assert window.channel.speed == math.inf
            assert bench.pane.layout_restored == {"split": 3}
            assert not window.workspace.inspector_wanted
            assert window.size().toTuple() == (760, 700)
            assert (theme().mode, theme().scale) == ("light", 1.2)
            assert window.host.keep_in_background

        self.threaded(make, tmp_path, second)

    def test_a_corrupt_session_is_left_out_with_a_line_in_the_log(self, make, tmp_path, caplog):
        (tmp_path / "last-walk.playrun").write_bytes(b"\x00\x01")
        (tmp_path / "playground.ini").write_text("[session]\npanes=@Invalid(\nnonsense", "utf-8")
        bench = make(tmp_path).start()
        assert bench.frame.snapshot.spec == WalkSpec()
        assert bench.problems == []
        assert "last run of walk was left out" in caplog.text
        bench.window.close()
        # The records hold exceptions, and those the frames with the window in them.
        caplog.clear()

    def test_a_read_only_place_costs_only_the_memory(self, make, tmp_path, caplog):
        folder = tmp_path / "gone"
        folder.mkdir()
        bench = make(folder).start()
        shutil.rmtree(folder)
        folder.write_text("a file stands in the way", "utf-8")
        bench.window.close()
        assert bench.window.thread_ended


def test_closing_twice_is_closing_once(bench):
    bench.window.close()
    bench.window.shut_down()
    assert not bench.window.clock.running


def test_a_finished_run_says_so(bench):
    heard = []
    bench.window.channel.happened.connect(heard.append)
    bench.window.channel.open(WalkSpec(steps=3), 7)
    bench.turn().steps(4)
    assert any(isinstance(event, Ended) for event in heard)
    assert bench.window.stage.verdict.text == "all 3 steps are done"
    assert bench.window.stage.verdict.kind == "ok"
