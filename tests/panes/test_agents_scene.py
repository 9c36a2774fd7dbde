"""Films, the projector, the painters, the canvas and a person at the controls: no training."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest

from playground.environments.discrete import look_up
from playground.environments.episodes import record_episode
from playground.environments.headlight_car import HeadlightCarOptions
from playground.environments.lander import LanderOptions
from playground.experiments.agents_films import UNNUMBERED, judge
from playground.experiments.agents_policy import Policy
from playground.experiments.agents_snapshot import ShownEpisode
from playground.panes.agents.action_bars import ActionBars, spread_of
from playground.panes.agents.films import Film, Ghost, film_of, return_text, steps_text
from playground.panes.agents.hand_flight import HandFlight, action_of, usual_action
from playground.panes.agents.lander_painter import LanderPainter
from playground.panes.agents.lander_sketch import ground_of, sketch_scene
from playground.panes.agents.lens import Lens
from playground.panes.agents.observation_rows import ObservationRows
from playground.panes.agents.playback import REST_S, Playback
from playground.panes.agents.player_bar import PlayerBar
from playground.panes.agents.scene_canvas import SceneCanvas, painter_of

LANDER = LanderOptions(time_limit=60)
CAR = HeadlightCarOptions(time_limit=30)


def policy_of(options, role="actor", hidden=6, seed=0):
    """Return a policy with random weights, with a critic where it is an actor."""
    rng = np.random.default_rng(seed)
    size, count = len(options.quantities), len(options.action_names)
    outputs = {"q": count} if role == "q" else {"actor": count, "critic": 1}
    arrays = {}
    for name, last in outputs.items():
        for layer, (inputs, neurons) in enumerate(((size, hidden), (hidden, last))):
            arrays[f"{name}.{layer}.weight"] = rng.normal(size=(neurons, inputs)).astype(np.float32)
            arrays[f"{name}.{layer}.bias"] = np.zeros(neurons, dtype=np.float32)
    return Policy(role, "tanh", arrays, count)


def film(options=LANDER, seed=3, role="actor", title="an agent"):
    policy = policy_of(options, role)
    episode = record_episode(options, seed, policy.choose)
    shown = ShownEpisode(UNNUMBERED, 0, "greedy", episode, policy, judge(policy, episode))
    return film_of(shown, title, (title, seed))


@pytest.fixture(scope="module")
def flight():
    return film()


@pytest.fixture(scope="module")
def drive():
    return film(CAR, role="q")


@pytest.fixture
def projector(qapp, flight):
    playback = Playback()
    playback.show(flight)
    return playback


def picture(paint, width=400, height=300):
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    paint(painter, QRectF(0, 0, width, height))
    painter.end()
    return np.frombuffer(image.constBits(), dtype=np.uint8).reshape(height, width, 4).copy()


def _pixels(widget):
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_ARGB32)
    shape = (image.height(), image.width(), 4)
    return np.frombuffer(image.constBits(), dtype=np.uint8).reshape(shape).copy()


def test_returns_and_steps_are_short_words():
    assert (steps_text(850), steps_text(24_000), steps_text(1_200_000)) == ("850", "24k", "1.2M")
    assert return_text(float("nan")) == "–"
    assert return_text(-231.4) == "−231"


def test_a_film_knows_its_rewards_and_actions(flight):
    assert flight.total_at(0) == 0.0
    assert flight.total_at(flight.last) == pytest.approx(flight.episode.total)
    assert flight.action_at(flight.last) is None
    assert flight.action_at(0) == flight.episode.actions[0]


def test_a_second_of_the_lander_is_fifty_frames(projector):
    projector.advance(0.5)
    assert projector.frame == 25
    projector.set_speed(0.1)
    projector.advance(1.0)
    assert projector.frame == 30


def test_at_the_end_the_film_rests_then_begins_again_or_stops(projector, flight):
    projector.seek(flight.last)
    projector.advance(REST_S / 2)
    assert projector.frame == flight.last
    projector.advance(REST_S)
    assert projector.frame == 0
    projector.set_loop(False)
    projector.seek(flight.last)
    projector.advance(2 * REST_S)
    assert not projector.playing
    projector.play()
    assert projector.frame == 0


def test_the_latest_film_waits_for_the_end_of_the_present_one(projector, flight):
    later = film(seed=4)
    projector.offer(later)
    assert projector.film is flight, "it does not follow"
    projector.set_follow(True)
    projector.set_active(True)
    projector.offer(later)
    assert projector.film is flight
    projector.seek(flight.last)
    projector.advance(2 * REST_S)
    assert projector.film is later
    assert projector.follow
    projector.set_active(False)


def test_a_hand_on_the_frames_pauses_and_stays_within_the_film(projector, flight):
    projector.turn(-5)
    assert (projector.frame, projector.playing) == (0, False)
    projector.turn(10_000)
    assert projector.frame == flight.last


def test_the_player_bar_follows_the_projector(qtbot, projector, flight):
    bar = PlayerBar(projector)
    qtbot.addWidget(bar)
    assert bar.scrubber.maximum() == flight.last
    projector.seek(12)
    assert bar.scrubber.value() == 12
    bar.scrubber.scrubbed.emit(20)
    assert projector.frame == 20
    bar.play.click()
    assert not projector.playing
    bar.speed.edited.emit(5.0)
    assert projector.speed == 5.0
    assert bar.speed.value == 5.0


@pytest.mark.parametrize("size", [(400, 300), (900, 200), (120, 500)])
def test_a_lens_shows_all_of_a_world_and_finds_places_again(size):
    lens = Lens.fitting(QRectF(0, 0, *size), 20.0, 14.0)
    for corner in ((0.0, 0.0), (20.0, 14.0)):
        pixel = lens.point(*corner)
        assert -1e-6 <= pixel.x() <= size[0] + 1e-6
        assert -1e-6 <= pixel.y() <= size[1] + 1e-6
        assert lens.place(pixel) == pytest.approx(corner, abs=1e-9)


def test_every_world_is_painted_and_its_frames_differ(themed, flight, drive):
    cart = film(look_up("CartPole-v1"), title="cart")
    other = film(look_up("Acrobot-v1"), title="links")
    for shown in (flight, drive, cart, other):
        painter = painter_of(shown.episode)
        frames = [
            picture(lambda p, r, k=k, painter=painter: painter.paint_moving(p, r, k))
            for k in (0, shown.last)
        ]
        assert frames[0].any()
        assert (frames[0] != frames[1]).any()


def test_a_world_without_a_sketch_is_painted_as_bars(themed):
    episode = film(look_up("MountainCar-v0")).episode
    painter = painter_of(episode)
    painter._sketch = painter._paint_bars
    assert picture(lambda p, r: painter.paint_moving(p, r, 0)).any()


def test_the_flame_of_the_main_engine_is_painted_only_when_it_fires(themed):
    actions = bytes([0] * 5 + [2] * 5)
    episode = record_episode(LANDER, 1, actions=actions)
    painter = painter_of(episode)
    scene = episode.scene
    assert scene.main_power[3] == 0.0
    assert scene.main_power[8] == 1.0
    lens = painter.lens(QRectF(0, 0, 400, 300))

    def flame(frame):
        x, y, angle = scene.lander[frame].tolist()
        at = lens.point(x + np.sin(angle) * 0.75, y - np.cos(angle) * 0.75)
        image = picture(lambda p, r: painter._paint_flames(p, lens, frame))
        return image[int(at.y()), int(at.x()), 3]

    assert flame(3) == 0
    assert flame(8) > 0


def test_the_engine_that_turns_to_the_left_blows_to_the_right(themed):
    episode = record_episode(LANDER, 1, actions=bytes([1] * 20))
    assert episode.scene.lander[20, 2] > episode.scene.lander[0, 2], "turns anticlockwise"
    painter = painter_of(episode)
    lens = painter.lens(QRectF(0, 0, 400, 300))
    blown = picture(lambda p, r: painter._paint_flames(p, lens, 2))[..., 3]
    columns = np.nonzero(blown.any(axis=0))[0]
    assert columns.min() > lens.point(*episode.scene.lander[2, :2].tolist()).x()


def test_the_canvas_shows_frames_ghosts_and_what_stands_there_else(qtbot, themed, flight):
    canvas = SceneCanvas("nothing yet")
    qtbot.addWidget(canvas)
    canvas.resize(520, 340)
    empty = canvas.grab().toImage()
    canvas.set_film(flight)
    first = canvas.grab().toImage()
    assert first != empty
    assert flight.title in canvas.accessibleName()
    canvas.set_frame(flight.last)
    last = canvas.grab().toImage()
    assert last != first
    canvas.set_film(flight.with_ghosts((Ghost(film(seed=3, role="q").episode, "q"),)), flight.last)
    assert canvas.grab().toImage() != last
    canvas.set_with_bars(False)
    canvas.set_note("a note")
    themed.set_mode("light")
    canvas.grab()
    canvas.set_film(None)
    assert canvas.accessibleName() == "nothing yet"


def test_a_note_covers_neither_a_flight_that_is_over_nor_the_start_of_one(qtbot, themed, flight):
    canvas = SceneCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(300, 340)

    def changed_rows(flying):
        canvas.set_note("")
        canvas.set_flying(flying)
        before = _pixels(canvas)
        canvas.set_note("You −140, the agent 263: the agent wins. D ends the duel, Y flies again.")
        return np.nonzero((_pixels(canvas) != before).any(axis=(1, 2)))[0]

    canvas.set_film(flight, flight.last)
    # From the second picture on the trail is a kept one, a shade different at its edges.
    _pixels(canvas)
    assert changed_rows(flying=True).min() > 250
    assert changed_rows(flying=False).max() < 150


def test_small_pictures_of_a_flight_have_finer_stars_and_trails(themed, flight):
    painter = LanderPainter(flight.episode.scene)
    sizes = []

    class Recorder(QPainter):
        def drawPoint(self, *place):
            sizes.append(self.pen().widthF())

    for high in (80, 480):
        image = QImage(high, high, QImage.Format.Format_ARGB32)
        recorder = Recorder(image)
        painter.paint_still(recorder, QRectF(0, 0, high, high))
        recorder.end()
    assert 3 * sizes[0] == pytest.approx(sizes[-1])


def test_arrow_keys_reach_the_scene_only_while_somebody_flies(qtbot, themed, flight):
    canvas = SceneCanvas()
    qtbot.addWidget(canvas)
    canvas.set_film(flight)
    canvas.show()
    keys = []
    canvas.key_changed.connect(lambda key, down: keys.append((key, down)))
    QTest.keyPress(canvas, Qt.Key.Key_Up)
    assert not keys
    canvas.set_flying(True)
    QTest.keyPress(canvas, Qt.Key.Key_Up)
    QTest.keyRelease(canvas, Qt.Key.Key_Up)
    assert keys[:2] == [(Qt.Key.Key_Up, True), (Qt.Key.Key_Up, False)]


def test_keys_become_actions():
    up, left, right = (int(key) for key in (Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Right))
    assert action_of(LANDER, [up], 0) == 2
    assert action_of(LANDER, [up, left], 0) == 1
    assert action_of(LANDER, [], 2) == usual_action(LANDER) == 0
    assert action_of(CAR, [right], 1) == 2
    assert action_of(CAR, [], 0) == 1
    cart = look_up("CartPole-v1")
    assert action_of(cart, [], 1) == 1, "there is no way to do nothing"
    assert action_of(cart, [int(Qt.Key.Key_0)], 1) == 0


def test_a_person_takes_over_hands_back_and_gets_the_same_world(qapp, flight):
    hand = HandFlight()
    before = flight.episode.actions[:20].tobytes()
    assert hand.begin(flight.episode.options, flight.episode.seed, flight.policy, before)
    grown = hand.film()
    assert (grown.episode.observations == flight.episode.observations[:21]).all()
    hand.set_key(int(Qt.Key.Key_Up), True)
    hand.advance(0.1)
    assert hand.film().episode.actions[20:].tolist() == [2] * 5
    assert hand.film().title == "The agent, then you"
    hand.hand_over()
    assert not hand.by_person
    hand.advance(0.1)
    wanted = flight.policy.choose(hand.film().episode.observations[25])
    assert hand.film().episode.actions[25] == wanted
    films = []
    hand.over.connect(films.append)
    hand.set_key(int(Qt.Key.Key_Escape), True)
    assert not hand.active
    assert len(films) == 1
    assert films[0].last == 30


def test_an_episode_flown_by_hand_ends_by_itself(qapp):
    hand = HandFlight()
    films = []
    hand.over.connect(films.append)
    hand.begin(CAR, 5, None)
    for _ in range(40):
        hand.advance(0.25)
    assert not hand.active
    assert films[0].episode.end
    assert films[0].judgement is None


def test_bars_show_what_they_are_given(qtbot, themed):
    bars = ActionBars()
    qtbot.addWidget(bars)
    bars.set_names(("left", "right"))
    nobody = bars.grab().toImage()
    bars.set_values(np.array([-1.0, 2.0]), 1, share=False, span=spread_of(np.array([-1.0, 2.0])))
    assert bars.chosen == 1
    assert bars.grab().toImage() != nobody
    assert spread_of(np.array([np.nan, np.inf])) == (0.0, 1.0)


def test_observations_are_told_in_their_units(qtbot, themed):
    rows = ObservationRows()
    qtbot.addWidget(rows)
    rows.set_quantities(LANDER.quantities)
    rows.set_values(np.array([0.525, 0, 0, 0, 1e-7, 0, 1, 0], dtype=np.float32))
    assert "5.25 m" in rows.text_of(0)
    assert "the agent sees 0.525" in rows.text_of(0)
    assert "yes" in rows.text_of(6)
    assert "×10" not in rows.text_of(4)
    rows.grab()
    rows.set_quantities(CAR.quantities)
    rows.set_values(np.zeros(20, dtype=np.float32))
    rows.grab()


def test_a_sketch_puts_the_lander_where_the_real_scene_has_it(flight):
    real = flight.episode.scene
    sketch = sketch_scene(flight.episode.observations, 2)
    assert sketch.lander == pytest.approx(real.lander, abs=1e-4)
    assert sketch.main_power[1] == 1.0
    ground = ground_of(flight.episode.options, flight.episode.seed)
    np.testing.assert_array_equal(ground, real.terrain)
    assert sketch_scene(flight.episode.observations, 2, ground).terrain is ground


def test_a_film_with_ghosts_is_the_same_film(flight):
    assert isinstance(flight, Film)
    assert flight.with_ghosts(()).key == flight.key


def test_with_the_beat_of_training_the_scene_moves_first_and_the_rest_when_it_is_shown(projector):
    told = []
    projector.moved.connect(lambda: told.append("scene"))
    projector.moved_beside.connect(lambda: told.append("beside"))
    projector.advance(0.1)
    assert told == ["scene", "beside"]
    told.clear()
    projector.beat()
    assert told == [], "nobody looks"
    projector.set_active(True)
    projector._clock = SimpleNamespace(restart=lambda: 100)
    projector.beat()
    assert told == ["scene"]
    projector.end_beat()
    projector.end_beat()
    assert told == ["scene", "beside"]
    projector.set_active(False)
