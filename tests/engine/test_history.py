import csv
import io
import mmap
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.engine.history import History
from playground.experiments.base import Record, Series

SERIES = (Series("loss", ("train", "test")), Series("epoch", ("number",), ("int64",)))


def loss(step, train, test=0.0):
    return Record("loss", step, (train, test))


def test_a_view_shows_the_rows_in_their_declared_types():
    history = History(SERIES)
    history.append([loss(1, 0.5, 0.25), Record("epoch", 1, (7,)), loss(2, 0.125, 0.0)])

    view = history.view()

    assert view.names == ("loss", "epoch")
    assert list(view.series("loss").rows()) == [(1, 0.5, 0.25), (2, 0.125, 0.0)]
    assert view.series("epoch").columns["number"].dtype == np.int64
    assert list(view.series("epoch").rows()) == [(1, 7)]


def test_the_bytes_are_those_of_the_rows_whatever_room_lies_behind_them():
    history = History(SERIES)
    assert history.nbytes == 0
    history.append([loss(1, 0.5), loss(2, 0.5), Record("epoch", 2, (7,))])
    # Three float64 or int64 numbers a row of losses, two a row of epochs.
    assert history.nbytes == 2 * 24 + 16
    assert history.truncated(1).nbytes == 24


def test_a_view_never_changes_however_the_history_goes_on():
    history = History(SERIES)
    views = []
    for step in range(500):
        history.append([loss(step, step)])
        views.append(history.view())

    for number, view in enumerate(views):
        assert view.series("loss").columns["train"].tolist() == list(range(number + 1))


def test_the_arrays_of_a_view_are_read_only():
    history = History(SERIES)
    history.append([loss(1, 0.5)])
    series = history.view().series("loss")

    for array in (series.steps, *series.columns.values()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_upto_counts_the_rows_at_or_before_a_step():
    history = History(SERIES)
    history.append([loss(step, 0.0) for step in (2, 4, 4, 9)])

    assert [history.view().upto("loss", step) for step in (1, 2, 3, 4, 8, 9, 10)] == [
        0,
        1,
        1,
        3,
        3,
        4,
        4,
    ]


def test_truncated_and_original_grow_apart():
    history = History(SERIES)
    history.append([loss(step, step) for step in range(10)])
    branch = history.truncated(4)
    before = branch.view()

    branch.append([loss(5, -5.0)])
    history.append([loss(10, 10.0)])

    assert branch.view().series("loss").columns["train"].tolist() == [0, 1, 2, 3, 4, -5]
    assert history.view().series("loss").columns["train"].tolist() == list(range(11))
    assert before.length("loss") == 5


def test_rolling_back_leaves_earlier_views_alone():
    history = History(SERIES)
    history.append([loss(1, 1.0)])
    lengths = history.lengths()
    history.append([loss(2, 2.0)])
    view = history.view()

    rolled = history.rolled_back(lengths)
    rolled.append([loss(2, -2.0)])

    assert rolled.view().series("loss").columns["train"].tolist() == [1, -2]
    assert view.series("loss").columns["train"].tolist() == [1, 2]
    assert rolled.rolled_back(rolled.lengths()) is rolled


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (Record("lost", 5, (1.0,)), "does not declare"),
        (Record("loss", 5, (1.0,)), "must have 2 values"),
        (Record("loss", 1, (1.0, 2.0)), "must not fall"),
    ],
)
def test_a_wrong_record_is_refused_and_nothing_of_its_batch_stays(record, sentence):
    history = History(SERIES)
    history.append([loss(3, 0.5)])

    with pytest.raises(ValueError, match=sentence):
        history.append([loss(4, 0.5), record])

    assert list(history.view().series("loss").rows()) == [(3, 0.5, 0.0)]


def test_an_unknown_series_is_a_key_error():
    with pytest.raises(KeyError):
        History(SERIES).view().series("lost")


def test_csv_reads_back_exactly():
    history = History(SERIES)
    values = [0.1, 1 / 3, 1e-300, -0.0, 12345678.9]
    history.append([loss(step, value, step) for step, value in enumerate(values)])

    header, *rows = csv.reader(io.StringIO(history.view().to_csv("loss")))

    assert header == ["step", "train", "test"]
    assert [float(row[1]) for row in rows] == values
    assert [int(row[0]) for row in rows] == [0, 1, 2, 3, 4]


@given(st.lists(st.lists(st.integers(0, 3), max_size=40), max_size=12), st.integers(0, 60))
def test_any_sequence_of_appends_equals_a_list(batches, cut):
    history, model, step = History(SERIES), [], 0
    for batch in batches:
        records = []
        for advance in batch:
            step += advance
            records.append(loss(step, len(model), -step))
            model.append((step, float(len(model)), float(-step)))
        history.append(records)

    assert list(history.view().series("loss").rows()) == model
    assert list(history.truncated(cut).view().series("loss").rows()) == [
        row for row in model if row[0] <= cut
    ]


def test_another_thread_only_ever_sees_whole_rows():
    history, stop, wrong = History(SERIES), threading.Event(), []

    def look():
        while not stop.is_set():
            series = history.view().series("loss")
            if not np.array_equal(series.steps, series.columns["train"]):
                wrong.append(series)

    reader = threading.Thread(target=look)
    reader.start()
    for step in range(5_000):
        history.append([loss(step, step)])
    stop.set()
    reader.join()

    assert not wrong


def test_long_series_lie_in_memory_of_their_own_and_earlier_views_stay():
    history = History([Series("loss", ("value", "count"), ("float64", "int64"))])
    early = None
    for start in range(0, 200_000, 5_000):
        history.append([Record("loss", k, (k / 2, k)) for k in range(start, start + 5_000)])
        if start == 20_000:
            early = history.view().series("loss")
    late = history.view().series("loss")
    assert isinstance(late.steps.base.base.obj, mmap.mmap)
    assert np.array_equal(late.columns["value"], np.arange(200_000) / 2)
    assert late.columns["count"].dtype == np.int64
    assert np.array_equal(early.steps, np.arange(25_000))
    assert np.array_equal(early.columns["count"], np.arange(25_000))
    with pytest.raises(ValueError, match="read-only"):
        late.steps[0] = 1
