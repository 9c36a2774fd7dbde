"""The pane on a real engine: films, library, skill, curves, memory, maps, presets, lesson."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from playground.assets_path import asset
from playground.environments.headlight_maps import HeadlightMap, Obstacle, Start, Station, Wall
from playground.experiments.agents_spec import AgentSpec
from playground.experiments.bundled_agents import read_agent
from playground.panes.agents.curves import EPISODES
from playground.panes.agents.exports import episode_csv
from playground.panes.agents.library import EpisodeShelf, tip_of
from playground.panes.agents.map_editor import MapEditor
from playground.panes.agents.map_strokes import grip_at, remove_at
from playground.panes.agents.pane import AgentsPane
from playground.panes.agents.presets import agents_presets, default_spec
from playground.panes.agents.scene_card import OTHER
from playground.panes.agents.skill import RUN
from playground.panes.agents.verdict_words import fitting, verdict_texts
from playground.panes.base import PaneContext
from playground.ui.channel import ChannelClient
from playground.ui.theme import theme
from tests.panes.agents_bench import INFO, agents_bench, tiny

PRESETS = agents_presets()


def opened(qtbot, spec, size=(1000, 680)):
    bench = agents_bench(spec, size)
    qtbot.addWidget(bench.pane)
    qtbot.addWidget(bench.pane.inspector())
    return bench


def train(bench, done):
    bench.channel.play()
    bench.pump_until(done)
    bench.channel.pause()
    bench.pump(4)


@pytest.fixture
def fresh(qtbot, themed):
    """Return the pane on PPO of eight neurons, at step 0."""
    return opened(qtbot, tiny(show__every=300, world__time_limit=80))


@pytest.fixture(scope="module")
def learnt(qapp):
    """Return the pane on an agent that has learnt for a while."""
    manager = theme()
    manager.set_mode("dark")
    manager.install(qapp)
    bench = agents_bench(tiny(show__every=300, world__time_limit=80))
    train(bench, lambda: len(bench.snapshot.library) >= 4 and len(bench.snapshot.skills) >= 3)
    for key in bench.pane.deck.keys:
        bench.pane.show_view(key)
        bench.pump(4)
    yield bench
    bench.pane.close()
    bench.pane.inspector().deleteLater()
    bench.pane.deleteLater()
    bench.channel._send = None


@pytest.fixture
def lander(learnt):
    """Return that pane with its usual size and its latest episode in the projector."""
    learnt.pane.resize(1000, 680)
    learnt.pane.hand.stop()
    learnt.pane.choose("latest")
    learnt.pane.playback.pause()
    learnt.reports.clear()
    return learnt


@pytest.fixture
def car(qtbot, themed):
    """Return the pane on DQN of eight neurons in the car."""
    return opened(qtbot, tiny("headlight-car", "dqn", show__every=300, learner__warm_up=100))


def test_it_opens_with_a_master_and_a_beginner_one_choice_away(fresh):
    pane = fresh.pane
    fresh.pump_until(lambda: pane.playback.film is not None)
    assert pane.playback.film.title.startswith("A master")
    assert pane.scene.choice.value == "master"
    assert pane.playback.follow
    assert pane.playback.film.judgement is not None
    pane.choose("beginner")
    fresh.pump_until(lambda: pane.playback.film.title.startswith("A beginner"))
    assert not pane.playback.follow
    assert not fresh.reports


def test_recorded_episodes_follow_while_it_learns(fresh):
    pane = fresh.pane
    fresh.pump_until(lambda: pane.playback.film is not None)
    train(fresh, lambda: len(fresh.snapshot.library) >= 3)
    pane.playback.pause()
    train(fresh, lambda: len(fresh.snapshot.library) >= 4)
    assert pane.playback.film.key[0] == "shown"
    assert pane.scene.choice.value == "latest"
    pane.scene.choice.edited.emit("first")
    assert pane.playback.film.key[2] == 0
    assert not pane.playback.follow
    pane.scene.follow_edited.emit(True)
    assert pane.playback.film.key[2] == fresh.snapshot.marked("latest").shown.id


def test_the_library_plays_what_is_clicked(lander):
    pane = lander.pane
    pane.show_view("library")
    shelf = pane.library.shelf
    assert [e.shown.id for e in shelf.entries] == [
        e.shown.id for e in reversed(lander.snapshot.library)
    ]
    second = shelf.box_of(1).center().toPoint()
    QTest.mouseClick(shelf, Qt.MouseButton.LeftButton, pos=second)
    assert pane.playback.film.key[2] == shelf.entries[1].shown.id
    assert pane.playback.film.episode is shelf.entries[1].shown.episode
    pane.library.which.edited.emit("marked")
    shelf.grab()


def test_what_an_episode_is_kept_for_stays_on_its_picture_and_is_told_in_full(lander):
    shelf = EpisodeShelf()
    shelf.resize(500, 200)
    every = ("first", "best", "worst", "median", "latest")
    entry = replace(lander.snapshot.library[0], marks=every)
    pictures = []
    for marks in ((), every):
        shelf.set_entries((replace(entry, marks=marks),))
        pictures.append(shelf.grab().toImage())
    plain, marked = (np.frombuffer(p.constBits(), np.uint8).reshape(-1, 500, 4) for p in pictures)
    changed = np.flatnonzero((plain != marked).any(axis=(0, 2)))
    assert 0 < changed.max() < shelf.box_of(0).right()
    assert tip_of(entry).startswith("First, best, worst, median, latest of those kept\n")


def test_every_policy_of_the_slider_flies_the_same_start(lander):
    pane = lander.pane
    pane.show_view("skill")
    starts = []
    for place in (0, 2):
        pane.skill.go_to(place)
        lander.pump_until(
            lambda place=place: (
                (film := pane.playback.film) is not None
                and film.policy is pane.skill.notches[place].policy
            )
        )
        starts.append(pane.playback.film.episode.observations[0])
    assert (starts[0] == starts[1]).all()
    pane.skill.fly_together()
    lander.pump_until(lambda: pane.playback.film.ghosts)
    episodes = [ghost.episode for ghost in pane.playback.film.ghosts]
    assert all((episode.observations[0] == starts[0]).all() for episode in episodes)


def test_a_bundled_agent_comes_onto_the_slider(lander):
    pane = lander.pane
    pane.skill.source.edited.emit("lander-ppo")
    lander.pump_until(lambda: len(pane.skill.notches) >= 10)
    assert pane.skill.source.value == "lander-ppo"
    pane.skill.source.edited.emit(RUN)
    assert len(pane.skill.notches) == len(lander.snapshot.skills)


def test_ghosts_come_and_go(lander):
    pane = lander.pane
    pane.choose("latest")
    pane.scene.ghosts.click()
    lander.pump_until(lambda: pane.playback.film.ghosts)
    assert pane.playback.film.key[0] == "shown", "the film is the same one"
    pane.scene.ghosts.click()
    assert not pane.playback.film.ghosts


def test_an_episode_on_request_is_flown_by_the_present_policy(lander):
    pane = lander.pane
    pane.fly_now()
    lander.pump_until(lambda: pane.playback.film.key[0] == "flight")
    assert pane.scene.choice.value == OTHER
    weights = lander.snapshot.policy.arrays["actor.0.weight"]
    assert (pane.playback.film.policy.arrays["actor.0.weight"] == weights).all()


def test_a_person_steers_and_training_is_not_disturbed(lander):
    pane = lander.pane
    pane.playback.seek(10)
    pane.take_controls()
    assert pane.hand.active
    assert pane.scene.hand.isChecked()
    assert pane.scene.canvas.flying
    step = lander.snapshot.step
    pane.hand.advance(0.2)
    assert pane.playback.film.last == 20
    pane.take_controls()
    assert not pane.hand.active
    assert lander.snapshot.step == step
    pane.playback.play()
    assert pane.playback.frame == 0


def test_a_duel_is_flown_from_one_start(lander):
    pane = lander.pane
    pane.begin_duel()
    lander.pump_until(lambda: pane.hand.active)
    assert pane.scene.rival.isVisible()
    mine = pane.playback.film.episode.observations[0]
    assert (pane.scene.rival.film.episode.observations[0] == mine).all()
    for _ in range(30):
        pane.hand.advance(0.25)
    assert "the agent" in pane.scene.canvas._note
    pane.begin_duel()
    assert not pane.scene.rival.isVisible()


def test_what_if_answers_at_once(lander):
    pane = lander.pane
    pane.playback.pause()
    pane.show_view("whatif")
    view = pane.what_if
    assert len(view.sliders) == 8
    before = view.bars.values.copy()
    view.sliders[4].edited.emit(1.2)
    assert not view.follow.value
    assert view.observation[4] == pytest.approx(1.2)
    wanted = pane.playback.film.policy.probabilities(view.observation[None])[0]
    assert (view.bars.values == wanted).all()
    assert (view.bars.values != before).any()


def test_the_thinking_view_stands_at_the_frame_of_the_film(lander):
    pane = lander.pane
    pane.playback.pause()
    pane.show_view("thinking")
    pane.playback.seek(7)
    film = pane.playback.film
    assert (pane.thinking.bars.values == film.judgement.probabilities[7]).all()
    assert pane.thinking.bars.chosen == film.episode.actions[7]
    assert "true" in pane.thinking.sentence.text()
    assert pane.show_view("surprise")
    pane.playback.seek(film.last)
    assert "ends here" in pane.thinking.sentence.text()


def test_what_nobody_thought_is_a_sentence_and_no_empty_plot(lander):
    pane = lander.pane
    view = pane.thinking
    pane.show_view("value")
    assert view.plot.isVisible()
    assert [words for words, _ in view.key.keys] == ["V(s)", "return to come"]
    judged = pane.playback.film.judgement
    without = replace(judged, values=None, td_errors=None)
    for judgement, quantity, keys, words in (
        (without, "value", ["return to come"], ""),
        (without, "surprise", [], "no critic"),
        (None, "value", [], "person"),
    ):
        film = replace(pane.playback.film, judgement=judgement, key=("test", quantity))
        pane.playback.show(film)
        view._shown_episode = None
        view.refresh()
        view.show_quantity(quantity)
        assert [words for words, _ in view.key.keys] == keys
        assert view.empty.isVisible() == bool(words)
        assert words in view.empty._label.text() or not words
    assert not view.activations.isVisible()
    assert view.show_quantity("reward")
    assert view.plot.isVisible()


def test_the_key_of_the_slider_names_curves_that_are_there(lander):
    pane = lander.pane
    pane.show_view("skill")
    view = pane.skill
    view.seed.edited.emit(view.seed.value)
    view.resize(500, 400)
    lander.pump_until(lambda: "on this start" in [words for words, _ in view.key.keys])
    assert view.key.isVisible()
    view.resize(500, 140)
    view._draw()
    assert not view.key.isVisible()


def test_the_map_asks_the_policy_about_every_place(lander):
    pane = lander.pane
    pane.playback.pause()
    pane.value_map._map, pane.value_map._asked = None, ()
    pane.show_view("map")
    lander.pump_until(lambda: pane.value_map._map is not None)
    found, film = pane.value_map._map, pane.playback.film
    state = film.episode.observations[pane.playback.frame].copy()
    state[0], state[1] = found.x[10], found.y[20]
    assert found.values[20, 10] == pytest.approx(film.policy.values(state[None])[0], rel=1e-4)
    pane.show_view("action")
    assert pane.value_map.choices.isVisible()
    assert pane.value_map._read(found.x[10] * 10.0, 0.0)


def test_curves_against_steps_and_episodes_and_kept_ones(lander):
    pane = lander.pane
    pane.show_view("curves")
    lander.pump()
    rows = lander.channel.last_frame.history.series("episode")
    x, y = pane.curves._single.data
    assert (x == rows.columns["env_step"]).all()
    assert (y == rows.columns["return"]).all()
    pane.curves.axis.edited.emit(EPISODES)
    pane.curves.axis.set_value(EPISODES)
    pane.curves._begin_again()
    assert pane.curves._single.data[0][0] == 1.0
    pane.curves.keep_curve()
    assert len(pane.curves.kept) == 1
    assert pane.show_view("entropy")
    assert len(pane.curves._mean.data[0])
    assert pane.show_view("lag")
    lander.pump()
    assert pane.curves.note.isVisible(), "PPO has no target network"
    pane.curves.forget_curves()
    assert not pane.curves.kept


def test_what_dqn_remembers_is_shown(car):
    pane = car.pane
    assert "replay" in pane.deck.keys
    pane.show_view("replay")
    assert "replay:error" in pane.views()
    train(car, lambda: car.snapshot.env_steps > 400)
    rows = car.snapshot.replay
    errors = np.abs(rows.td_errors)
    assert (np.diff(errors) <= 1e-6).all()
    pane.replay.table.select(3)
    assert f"{int(rows.ages[3]):,} transitions" in pane.replay.words.text()
    pane.replay.order.edited.emit("oldest")
    pane.grab()


def test_views_of_other_worlds_are_left_out_and_come_back(car):
    pane = car.pane
    assert {"draw", "replay"} <= set(pane.deck.keys)
    before = car.channel.run_id
    car.channel.open(tiny(), 7)
    car.pump_until(lambda: car.channel.last_frame.run_id != before)
    assert not {"draw", "replay"} & set(pane.deck.keys)
    car.pump_until(lambda: pane.playback.film is not None)
    assert len(pane.playback.film.episode.observations[0]) == 8
    before = car.channel.run_id
    car.channel.open(tiny("headlight-car", "dqn"), 7)
    car.pump_until(lambda: car.channel.last_frame.run_id != before)
    assert pane.show_view("draw")
    assert pane.editor.isVisible()


def test_a_map_is_drawn_kept_in_the_spec_and_driven_on(car):
    pane = car.pane
    pane.show_view("draw")
    pane.editor.clear.click()
    pane.editor._take(grip_at(pane.editor.map, "obstacle", 40.0, 50.0).pulled(45.0, 50.0))
    assert pane.editor.map.obstacles == (Obstacle(40.0, 50.0, 5.0),)
    pane.editor.drive.click()
    car.pump_until(lambda: car.snapshot.spec.world.car_map == "own")
    assert HeadlightMap.from_text(car.snapshot.spec.world.car_own_map) == pane.editor.map
    # The flight with which the pane opens may come first.
    drawn = pane.editor.map.obstacles
    car.pump_until(
        lambda: (film := pane.playback.film) and film.episode.scene.map.obstacles == drawn
    )
    pane.show_view("draw")
    pane.editor._take(grip_at(pane.editor.map, "wall", 20.0, 20.0).pulled(20.0, 60.0))
    car.pump_until(lambda: HeadlightMap.from_text(car.snapshot.spec.world.car_own_map).walls)
    assert not car.reports


def test_strokes_make_move_and_remove_things():
    course = HeadlightMap(Station(80.0, 50.0), Start(20.0, 50.0), (Obstacle(50.0, 50.0, 5.0),))
    moved = grip_at(course, "obstacle", 51.0, 50.0).pulled(61.0, 40.0)
    assert moved.obstacles == (Obstacle(60.0, 40.0, 5.0),)
    assert grip_at(course, "station", 0, 0).pulled(70.0, 20.0).station == Station(70.0, 20.0)
    turned = grip_at(course, "start", 10.0, 10.0).pulled(10.0, 20.0).start
    assert (turned.x, turned.y, turned.heading) == pytest.approx((10.0, 10.0, 90.0))
    walled = grip_at(course, "wall", 10.0, 80.0).pulled(40.0, 80.0)
    assert walled.walls == (Wall(10.0, 80.0, 40.0, 80.0),)
    assert not remove_at(course, 50.0, 52.0).obstacles
    assert not remove_at(walled, 25.0, 81.0).walls
    assert remove_at(course, 5.0, 95.0) is course


def test_a_map_that_cannot_be_is_refused_and_nothing_is_lost(qtbot, themed):
    editor = MapEditor()
    qtbot.addWidget(editor)
    editor.resize(500, 400)
    canvas = editor.canvas
    before = canvas.map
    canvas.tool = "start"
    station = canvas._lens().point(before.station.x, before.station.y).toPoint()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=station)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=station)
    assert canvas.map == before
    assert "start" in editor.words.text()


def test_maps_go_into_files_and_come_back(qtbot, themed, tmp_path):
    editor = MapEditor()
    qtbot.addWidget(editor)
    editor.save_map(tmp_path / "map.json")
    saved = editor.map
    editor.clear.click()
    editor.open_map(tmp_path / "map.json")
    assert editor.map == saved
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    editor.open_map(tmp_path / "bad.json")
    assert editor.map == saved
    assert "no map" in editor.words.text()


def test_another_world_of_gymnasium_is_watched_and_steered(qtbot, themed):
    bench = opened(qtbot, tiny("gymnasium", "ppo", show__every=200))
    pane = bench.pane
    assert pane.playback.film is None
    train(bench, lambda: len(bench.snapshot.library) >= 2)
    pane.choose("latest")
    assert pane.playback.film.episode.scene is None
    pane.grab()
    pane.take_controls()
    assert pane.hand.active
    pane.hand.stop()
    pane.choose("master")
    assert not bench.reports


@pytest.mark.parametrize(
    ("size", "cards"), [((1000, 680), 3), ((1000, 480), 2), ((570, 700), 2), ((570, 460), 1)]
)
def test_there_are_as_many_cards_as_there_is_room(lander, size, cards):
    lander.pane.resize(*size)
    lander.pump()
    assert len(lander.pane.deck.cards) == cards
    keys = [view.key for card in lander.pane.deck.cards for view in card.views]
    assert keys == list(lander.pane.deck.keys)


def test_the_picture_has_bars_where_no_card_shows_them(lander):
    pane = lander.pane
    pane.resize(1000, 680)
    pane.show_view("thinking")
    assert not pane.scene.canvas._with_bars
    pane.show_view("whatif")
    assert pane.scene.canvas._with_bars


def test_a_layout_comes_back_and_nonsense_is_survived(lander):
    pane = lander.pane
    pane.show_view("entropy")
    pane.show_view("map")
    pane.playback.set_speed(2.0)
    state = pane.save_state()
    pane.show_view("return")
    pane.show_view("thinking")
    pane.playback.set_speed(1.0)
    pane.restore_state(state)
    assert pane.curves.quantity.key == "entropy"
    assert "map" in pane.deck.shown()
    assert pane.playback.speed == 2.0
    for nonsense in (
        {"deck": 3, "speed": "x"},
        {"curves": {"axis": []}, "speed": float("nan")},
        {},
    ):
        pane.restore_state(nonsense)
    assert pane.playback.speed == 2.0


def test_a_missing_agent_is_one_sentence(lander):
    pane = lander.pane
    pane.desk.bundled("no-such-agent", lambda found: None)
    lander.pump_until(lambda: lander.reports)
    assert "no-such-agent" in lander.reports[0]


def test_everything_can_be_exported(lander, tmp_path):
    pane = lander.pane
    pane.choose("latest")
    menu = QMenu()
    pane.export_menu(menu)
    off = [action.text() for action in menu.actions() if not action.isEnabled()]
    assert off == ["Several seeds as picture…", "Several seeds as CSV…"], "none were trained yet"
    exports = pane.exports
    for save, name in (
        (exports.save_scene, "scene.png"),
        (exports.save_scene, "scene.svg"),
        (exports.save_curves, "curves.png"),
        (exports.save_map, "map.svg"),
        (exports.save_episode, "episode.csv"),
        (exports.save_episodes, "episodes.csv"),
        (exports.save_updates, "updates.csv"),
        (exports.save_agent, "agent.npz"),
        (exports.save_script, "agent.py"),
    ):
        save(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 0
    assert not QImage(str(tmp_path / "scene.png")).isNull()
    rows = list(csv.DictReader(io.StringIO(episode_csv(pane.playback.film))))
    assert len(rows) == pane.playback.film.last
    total = sum(float(row["reward"]) for row in rows)
    assert total == pytest.approx(pane.playback.film.episode.total)
    saved = read_agent(tmp_path / "agent.npz").checkpoints
    mine = lander.snapshot.skills[0].policy.arrays["actor.0.weight"]
    assert (saved[0].policy.arrays["actor.0.weight"] == mine).all()


def test_the_file_of_an_agent_can_be_dropped(fresh, tmp_path):
    pane = fresh.pane
    path = str(asset("agents", "lander-dqn.npz"))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path)])
    assert pane.accepts_drop(mime)
    assert pane.on_drop(mime)
    fresh.pump_until(lambda: pane.skill.source.value == path)
    master = pane.skill.notches[-1].policy
    fresh.pump_until(lambda: pane.playback.film.policy is master)
    pane.skill.show_run()
    assert pane.skill.notches[-1].policy is not master
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "scene.png"))])
    assert not pane.accepts_drop(mime)


def test_the_default_run_reads_back_from_json():
    spec = default_spec()
    assert AgentSpec.model_validate_json(spec.model_dump_json()) == spec


def test_there_are_enough_presets_and_all_are_runs_that_can_be_opened(lander):
    assert len(PRESETS) >= 10
    for name, preset in PRESETS.items():
        assert AgentSpec.model_validate_json(preset.spec.model_dump_json()) == preset.spec, name
        assert preset.help.endswith((".", "?")), name
    assert PRESETS["no-replay"].spec.learner.replay is False
    assert PRESETS["no-target"].spec.learner.target == "none"
    assert PRESETS["car-blind-future"].spec.learner.discount == 0.0


def test_a_preset_is_set_up(fresh):
    before = fresh.channel.run_id
    assert fresh.pane.apply_preset("car-draw")
    fresh.pump_until(lambda: fresh.channel.last_frame.run_id != before)
    assert fresh.snapshot.spec == PRESETS["car-draw"].spec
    assert not fresh.pane.apply_preset("nonsense")


def test_every_link_of_the_lesson_leads_somewhere(lander):
    text = asset("lessons", "agents.md").read_text(encoding="utf-8")
    links = re.findall(r"\((play|view):([^)]+)\)", text)
    assert len(re.findall(r"^## ", text, re.MULTILINE)) >= 8
    for kind, name in links:
        if kind == "play":
            assert name in PRESETS, name
    keys = set(lander.pane.deck.keys) | {"draw", "replay"}
    from playground.panes.agents.curves import BY_KEY

    for kind, name in links:
        if kind == "view":
            assert name in keys | set(BY_KEY) | {"master", "beginner", "surprise", "action"}, name


def test_every_command_has_its_own_key(lander):
    keys = [key for spec in lander.pane.pane_actions() for key in spec.shortcuts]
    assert len(keys) == len(set(keys))
    assert not set(keys) & {"N", "M", "R", "I", "L", "Space", "Left", "Right", "Home", "End"}


def test_a_hidden_pane_stands_still(fresh):
    pane = fresh.pane
    fresh.pump_until(lambda: pane.playback.film is not None)
    pane.take_controls()
    pane.hide()
    assert not pane.hand.active
    assert not pane.playback._timer.isActive()


def test_without_a_first_run_another_world_can_be_chosen(qtbot, themed):
    channel = ChannelClient("agents", "agents", lambda command: None)
    pane = AgentsPane(PaneContext(INFO, channel, lambda *words: None, lambda: None))
    qtbot.addWidget(pane)
    qtbot.addWidget(pane.inspector())
    channel.open(pane.default_spec(), 7)
    assert pane.inspector().form.spec == pane.default_spec()
    assert channel.edit_value(("world", "kind"), "headlight-car")
    assert channel.spec.learner.algorithm == "dqn"
    pane.choose("latest")
    pane.fly_now()
    pane.take_controls()
    pane.repair()
    pane.grab()


def test_a_verdict_is_shortened_from_its_end_to_the_room_there_is():
    text = (
        "Lands in 75 of the last 100 episodes; mean return -13.5. Solved: the mean of 100 reached "
        "200 at episode 775, the course's rule not yet: the worst of the last 20 is -30."
    )
    texts = verdict_texts(text)
    assert "−13.5" in texts[0]
    assert texts[1].endswith("at episode 775.")
    assert texts[2] == "Lands in 75 of the last 100 episodes; mean return −13.5."
    assert texts[3] == "Lands in 75 of the last 100 episodes."
    assert fitting(texts, len, 60) == texts[2]
    assert fitting(texts, len, 5) == texts[-1]
