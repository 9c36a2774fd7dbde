from typing import Annotated, Literal

import pytest
from pydantic import Field

from playground.experiments.base import (
    RUNNING,
    Edit,
    EditError,
    Experiment,
    Progress,
    Series,
    SetValue,
    Snapshot,
    State,
    Status,
)
from playground.experiments.spec import Knob, Spec, SpecError


class CounterSpec(Spec):
    stride: Annotated[int, Field(ge=1, le=9), Knob("stride", live=True)] = 1
    last: Annotated[int, Field(ge=1), Knob("last")] = 10
    odd_only: Annotated[bool, Knob("odd only", live=True)] = False


class Jump(Edit):
    type: Literal["jump"] = "jump"


class Counter(Experiment):
    kind = "counter"
    spec_type = CounterSpec
    series = (Series("count", ("count",), ("int64",)),)

    def __init__(self, spec, seed):
        super().__init__(spec, seed)
        self.count = 0

    def step(self):
        self.step_index += 1
        self.count += self.spec.stride
        self._record("count", self.count)

    def snapshot(self, views):
        return Snapshot(step=self.step_index, status=self.status(), spec=self.spec)

    def state(self):
        return State(self.step_index, {"count": self.count})

    def load_state(self, state):
        self.step_index, self.count = state.step, state.own["count"]

    def status(self):
        if self.count >= self.spec.last:
            return Status(Progress.FINISHED, "there")
        return RUNNING

    def _on_live_change(self, path):
        if self.spec.odd_only and self.spec.stride % 2 == 0:
            raise SpecError("The stride must be odd.")


def test_advance_stops_at_the_end_of_the_run():
    counter = Counter(CounterSpec(stride=3), 0)
    assert counter.advance(2) == 2
    assert counter.advance(100) == 2
    assert (counter.step_index, counter.count) == (4, 12)
    assert not counter.status().running


def test_records_are_handed_out_once():
    counter = Counter(CounterSpec(), 0)
    counter.advance(2)
    assert [tuple(r) for r in counter.drain_records()] == [("count", 1, (1,)), ("count", 2, (2,))]
    assert list(counter.drain_records()) == []


def test_a_live_value_is_set_and_its_inverse_sets_it_back():
    counter = Counter(CounterSpec(), 0)
    edit = SetValue(path=("stride",), value=4, label="stride")
    inverse = counter.inverse(edit)
    counter.apply(edit)
    assert counter.spec.stride == 4
    counter.apply(inverse)
    assert counter.spec == CounterSpec()
    assert edit.describe() == "change stride"


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (SetValue(path=("stride",), value=10), "stride must be at most 9"),
        (SetValue(path=("last",), value=5), "“last” needs a new run"),
        (SetValue(path=("nonsense",), value=5), "There is no setting"),
        (Jump(), "cannot jump"),
    ],
)
def test_edits_that_are_refused_change_nothing(edit, sentence):
    counter = Counter(CounterSpec(), 0)
    with pytest.raises(EditError, match=sentence):
        counter.apply(edit)
    assert counter.spec == CounterSpec()
    assert Counter(CounterSpec(), 0).inverse(Jump()) is None


def test_a_live_value_the_experiment_refuses_is_taken_back():
    counter = Counter(CounterSpec(odd_only=True), 0)
    with pytest.raises(EditError, match="must be odd"):
        counter.apply(SetValue(path=("stride",), value=2))
    assert counter.spec.stride == 1


def test_setting_the_same_value_again_merges():
    first = SetValue(path=("stride",), value=2)
    assert first.merges_with(SetValue(path=("stride",), value=3))
    assert not first.merges_with(SetValue(path=("odd_only",), value=True))
    assert not first.merges_with(Jump())


def test_set_value_survives_json():
    edit = SetValue(path=("learners", 0, "rate"), value=0.1)
    assert SetValue.model_validate_json(edit.model_dump_json()) == edit


def test_series_name_their_types():
    series = Series("epoch", ("epoch", "cost"), ("int64", "float64"))
    assert [series.dtype_of(i) for i in (0, 1)] == ["int64", "float64"]
    assert Series("x", ("a",)).dtype_of(0) == "float64"


def test_a_state_goes_back():
    counter = Counter(CounterSpec(), 0)
    counter.advance(3)
    state = counter.state()
    counter.advance(4)
    counter.load_state(state)
    assert (counter.step_index, counter.count) == (3, 3)
