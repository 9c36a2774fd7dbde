"""The drawing pad on a real engine: strokes, photos, checkpoints, steps of the training."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QColor, QImage, QPainter

from playground.experiments import cnn_explain
from playground.experiments.cnn_explain import PredictJob
from playground.experiments.cnn_snapshot import VIEW_WEIGHTS
from playground.panes.cnn import digit_sources
from playground.panes.cnn.digit_bars import percent
from playground.panes.cnn.digit_input import seen_by
from playground.panes.cnn.digit_pad import DRAW_WORDS, NOT_YET_WORDS, DigitPadCard
from playground.panes.cnn.digit_strokes import SIDE
from playground.panes.cnn.digit_words import reading_words
from playground.panes.cnn.explain_jobs import JobStream
from tests.panes.cnn_bench import THREE, card_bench, draw


@pytest.fixture
def bench(qtbot, qapp, themed):
    made = card_bench(qapp)
    card = DigitPadCard(made.channel, made.report)
    qtbot.addWidget(card)
    made.pad = made.add(card)
    made.drawings = []
    card.drawing_changed.connect(made.drawings.append)
    made.pump_until(lambda: made.channel.last_frame is not None)
    made.pump()
    yield made
    made.channel._send = None
    made.runner = None


def answered(bench):
    """Pump until what is on the paper has been read."""
    pad = bench.pad

    def done():
        if pad.drawing is None or pad._due or pad._predictor._handles:
            return False
        state = pad._state()
        return pad.drawing.state is state

    bench.pump_until(done)
    return pad.bars.values


def the_pause_is_over(pad):
    """Let the stroke be answered that was drawn shortly after another."""
    pad._pause.stop()
    pad._ask_if_due()


def run(job):
    steps = job.run()
    try:
        while True:
            next(steps)
    except StopIteration as stop:
        return stop.value


def ink_image(size=(90, 120), paper="white", ink="black"):
    """A photo of a three: dark on bright unless said otherwise."""
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(paper))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = painter.pen()
    pen.setWidth(7)
    pen.setColor(QColor(ink))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    for (x0, y0), (x1, y1) in pairwise(THREE):
        painter.drawLine(round(x0 * 90), round(y0 * 110), round(x1 * 90), round(y1 * 110))
    painter.end()
    return image


def mime_of(image):
    mime = QMimeData()
    mime.setImageData(image)
    return mime


def test_a_bundled_network_reads_before_anything_was_trained(bench):
    pad = bench.pad
    assert pad.source.value == "cnn"
    assert pad.views() == frozenset()
    assert pad.verdict.text == DRAW_WORDS
    draw(pad.canvas)
    values = answered(bench)
    assert pad.bars.winner == 3
    assert values[3] > 0.9
    assert pad.drawing.pixels.shape == (1, 28, 28)
    assert pad.verdict.kind == "ok"
    assert "The bundled CNN reads 3 with" in pad.verdict.text
    direct = run(PredictJob(pad.drawing.state, pad.drawing.pixels))
    assert np.array_equal(direct.probabilities, values)


def test_the_checkpoints_lead_from_guessing_to_reading(bench):
    pad = bench.pad
    draw(pad.canvas)
    trained = answered(bench).copy()
    pad.checkpoint.slider.setValue(0)
    first = answered(bench)
    assert first.max() < 0.5 < trained.max()
    assert "still untrained" in pad.verdict.text
    assert pad.checkpoint.words.text().startswith("step 0: ")
    pad.checkpoint.slider.setValue(pad.checkpoint.slider.maximum())
    assert np.array_equal(answered(bench), trained)


def test_the_mlp_reads_too_and_each_network_keeps_its_checkpoint(bench):
    pad = bench.pad
    pad.checkpoint.slider.setValue(3)
    assert pad.show_source("mlp")
    draw(pad.canvas)
    answered(bench)
    assert pad.bars.winner == 3
    assert pad.checkpoint.place == pad.checkpoint.slider.maximum()
    pad.show_source("cnn")
    assert pad.checkpoint.place == 3
    assert not pad.show_source("lenet")


def test_who_trains_sees_the_own_network_read_unless_another_was_chosen(bench, qtbot):
    pad = bench.pad
    bench.go_to(5)
    assert pad.source.value == "training"
    assert pad.views() == frozenset({VIEW_WEIGHTS})
    assert not pad.checkpoint.isVisible()
    draw(pad.canvas)
    answered(bench)
    assert pad.drawing.pixels.shape == (1, 8, 8)
    assert "in training at step 5" in pad.verdict.text
    pad.show_source("cnn")
    bench.go_to(6)
    assert pad.source.value == "cnn"


def test_the_answer_follows_the_timeline_exactly(bench):
    pad = bench.pad
    bench.go_to(30)
    draw(pad.canvas)
    late = answered(bench).copy()
    bench.go_to(0)
    early = answered(bench).copy()
    assert not np.allclose(early, late)
    assert "The untrained network" in pad.verdict.text
    bench.go_to(30)
    assert np.array_equal(answered(bench), late)


def test_answers_come_while_it_trains(bench):
    pad = bench.pad
    bench.go_to(1)
    bench.channel.set_speed(float("inf"))
    bench.channel.play()
    before = bench.snapshot.step
    pad.canvas.begin(*THREE[0])
    for place in THREE[1:]:
        pad.canvas.go_on(*place)
        bench.pump(2)
    pad.canvas.lift()
    wanted = seen_by(pad.canvas.ink(), (1, 8, 8))
    bench.pump_until(lambda: pad.drawing is not None and np.array_equal(pad.drawing.pixels, wanted))
    assert bench.snapshot.step > before
    bench.channel.pause()


def test_a_stroke_is_answered_without_the_training_thread(bench):
    pad = bench.pad
    bench.go_to(1)
    draw(pad.canvas, THREE[:2])
    answered(bench)
    for count in range(3, len(THREE) + 1):
        draw(pad.canvas, THREE[:count])
        # Nothing is pumped: the thread does not even hear of it.
        the_pause_is_over(pad)
        assert np.array_equal(pad.drawing.pixels, seen_by(pad.canvas.ink(), (1, 8, 8)))
    found = pad.bars.values.copy()
    assert np.array_equal(
        run(PredictJob(pad.drawing.state, pad.drawing.pixels)).probabilities, found
    )
    bench.pump()
    assert np.array_equal(pad.bars.values, found)


def test_an_answer_about_less_ink_never_comes_after_that_to_a_stroke(bench):
    pad = bench.pad
    draw(pad.canvas, THREE[:4])
    answered(bench)
    the_pause_is_over(pad)
    pad.checkpoint.slider.setValue(2)
    assert pad._predictor._handles
    draw(pad.canvas)
    the_pause_is_over(pad)
    assert not pad._predictor._handles
    late = pad.drawing
    bench.pump()
    assert pad.drawing is late


def test_large_networks_are_left_to_the_thread(bench, monkeypatch):
    pad = bench.pad
    draw(pad.canvas, THREE[:4])
    answered(bench)
    before = pad.drawing
    monkeypatch.setattr(cnn_explain, "QUICK_PRODUCTS", 1000)
    pad._quick = (None, False)
    draw(pad.canvas)
    the_pause_is_over(pad)
    assert pad.drawing is before
    answered(bench)
    assert pad.drawing is not before


def test_a_fresh_sheet_takes_the_answer_back(bench):
    pad = bench.pad
    draw(pad.canvas)
    answered(bench)
    pad.canvas.clear()
    bench.pump_until(lambda: pad.drawing is None)
    assert pad.bars.values is None
    assert bench.drawings[-1] is None
    assert pad.seen.is_empty
    assert pad.verdict.text == DRAW_WORDS
    pad.canvas.undo()
    answered(bench)
    assert pad.bars.winner == 3


@pytest.mark.parametrize("colours", [("white", "black"), ("#202428", "#e8e4da")])
def test_a_dropped_photo_is_read_whether_dark_on_bright_or_not(bench, colours):
    pad = bench.pad
    mime = mime_of(ink_image(paper=colours[0], ink=colours[1]))
    assert pad.accepts_drop(mime)
    assert pad.take_picture(mime)
    answered(bench)
    assert pad.canvas.holds_photo
    assert pad.bars.winner == 3
    assert bench.reports == []
    pad.canvas.undo()
    bench.pump_until(lambda: pad.drawing is None)


def test_a_photo_of_nothing_leaves_the_drawing_alone(bench):
    pad = bench.pad
    draw(pad.canvas)
    before = pad.canvas.ink()
    empty = QImage(40, 40, QImage.Format.Format_RGB32)
    empty.fill(QColor("white"))
    assert not pad.take_picture(mime_of(empty))
    assert len(bench.reports) == 1
    assert "Nothing stands out" in bench.reports[0]
    assert np.array_equal(pad.canvas.ink(), before)


def test_what_is_no_picture_is_refused_in_a_sentence(bench, tmp_path):
    path = tmp_path / "digit.png"
    path.write_text("no picture", encoding="utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    assert not bench.pad.take_picture(mime)
    assert not bench.pad.take_file(tmp_path / "missing.png")
    assert ["digit.png" in bench.reports[0], "missing.png" in bench.reports[1]] == [True, True]
    assert bench.pad.canvas.is_empty


def test_what_was_changed_on_the_way_is_said(bench):
    image = ink_image().convertToFormat(QImage.Format.Format_ARGB32)
    for x in range(10):
        image.setPixelColor(x, 0, QColor(0, 0, 0, 0))
    bench.pad.take_picture(mime_of(image))
    answered(bench)
    bench.pump()
    assert "transparent" in bench.pad.verdict.text


def test_a_bundled_file_that_cannot_be_read_is_said_and_the_own_network_still_reads(
    bench, monkeypatch
):
    def missing(key):
        raise FileNotFoundError("there is no file cnn-mnist.npz")

    monkeypatch.setattr(digit_sources, "checkpoints_of", missing)
    pad = bench.pad
    pad._shelf = digit_sources.BundledShelf()
    pad.show_source("cnn")
    draw(pad.canvas)
    bench.pump()
    assert "The bundled CNN cannot be read" in pad.verdict.text
    pad.show_source("training")
    bench.pump(12)
    answered(bench)
    assert pad.bars.values is not None
    assert "cannot be read" not in pad.verdict.text


def test_a_network_that_is_not_there_yet_is_said(qtbot, qapp, themed):
    made = card_bench(qapp)
    card = DigitPadCard(made.channel, made.report)
    qtbot.addWidget(card)
    card.show_source("training")
    draw(card.canvas)
    card.render_slow(None)
    assert card.verdict.text == NOT_YET_WORDS
    made.channel._send = None


def test_the_choice_is_remembered_and_rubbish_is_not(bench):
    pad = bench.pad
    pad.show_source("mlp")
    pad.checkpoint.slider.setValue(2)
    state = pad.save_state()
    pad.show_source("training")
    pad.restore_state(state)
    assert (pad.source.value, pad.checkpoint.place) == ("mlp", 2)
    for rubbish in (None, [], {"source": 3, "chosen": True}, {"places": {"cnn": "x"}, "chosen": 1}):
        pad.restore_state(rubbish)
    assert (pad.source.value, pad.checkpoint.place) == ("mlp", 2)


@pytest.mark.parametrize(("size", "wide"), [((330, 560), False), ((640, 330), True)])
def test_the_parts_find_room_high_and_wide(bench, size, wide):
    pad = bench.pad
    pad.resize(*size)
    bench.app.processEvents()
    assert pad._body.is_wide is wide
    assert pad.canvas.square().width() >= 120
    for part in (pad.canvas, pad.tools, pad.seen, pad.bars):
        assert pad.rect().contains(part.geometry().translated(pad._body.pos()))


def test_whole_pictures_are_fitted_into_the_shape_without_distortion():
    photo = np.zeros((20, 40, 3), np.uint8)
    photo[:, :, 0] = 255
    seen = seen_by(np.zeros((SIDE, SIDE), np.uint8), (3, 16, 16), cut_out=False, photo=photo)
    assert seen.shape == (3, 16, 16)
    assert seen[0, 4:12].min() == 1.0
    assert seen[0, :4].max() == 0.0
    assert seen[1:].max() == 0.0
    grey = seen_by(np.zeros((SIDE, SIDE), np.uint8), (1, 16, 16), cut_out=False, photo=photo)
    assert grey[0, 8, 8] == pytest.approx(0.299, abs=0.01)
    assert seen_by(np.zeros((SIDE, SIDE), np.uint8), (1, 28, 28)) is None


def test_strokes_reach_coloured_networks_in_every_channel():
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[60:220, 120:160] = 255
    seen = seen_by(ink, (3, 28, 28))
    assert np.array_equal(seen[0], seen[2])
    assert seen.max() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("values", "tone", "parts"),
    [
        ([0.02, 0.97, 0.01], "ok", ["reads b with", percent(0.97)]),
        ([0.3, 0.6, 0.1], "info", ["reads b with", "next a with"]),
        ([0.4, 0.35, 0.25], "warn", ["unsure: a with", "b with"]),
        ([np.nan, 0.5, 0.5], "bad", ["diverged"]),
    ],
)
def test_how_sure_a_network_is_in_words(values, tone, parts):
    found, text = reading_words(np.array(values), ("a", "b", "c"), "the network")
    assert found == tone
    assert text.startswith("The network")
    assert all(part in text for part in parts)


def test_a_stream_lets_no_answer_come_after_that_to_a_later_question():
    started, results = [], []

    class Handle:
        def __init__(self):
            self.cancelled = False

        def cancel(self):
            self.cancelled = True

    class Desk:
        def start_job(self, job, on_progress=None, on_done=None, on_failed=None):
            started.append((on_done, on_failed, Handle()))
            return started[-1][2]

    stream = JobStream(Desk(), lambda *found: results.append(found), results.append)
    for question in range(4):
        assert stream.ask("job", question)
    started[1][0]("second")
    assert [handle.cancelled for _, _, handle in started] == [True, False, False, False]
    # It was on its way already.
    started[0][0]("first")
    started[0][1]("no")
    started[3][0]("fourth")
    started[2][0]("third")
    assert results == [("second", 1), ("fourth", 3)]


def test_a_stream_has_several_questions_under_way_but_not_ever_more():
    started, results = [], []

    class Desk:
        def start_job(self, job, on_progress=None, on_done=None, on_failed=None):
            class Handle:
                def __init__(self):
                    self.cancelled = False

                def cancel(self):
                    self.cancelled = True

            handle = Handle()
            started.append((job, on_done, on_failed, handle))
            return handle

    stream = JobStream(Desk(), lambda *found: results.append(found), results.append, most=2)
    assert [stream.ask("a", 1), stream.ask("b", 2), stream.ask("c", 3)] == [True, True, False]
    assert stream.is_full
    started[0][1]("A")
    started[1][2]("no")
    assert results == [("A", 1), "no"]
    assert stream.ask("d", 4)
    stream.cancel()
    assert started[2][3].cancelled
    assert not stream.is_full
