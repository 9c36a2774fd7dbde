from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, model_validator
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from playground.experiments.spec import Knob, Spec, SpecError, describe
from playground.ui.choice_box import ChoiceBox
from playground.ui.form import SpecForm
from playground.ui.form_rows import make_row
from playground.ui.number_field import NumberField
from playground.ui.number_slider import NumberSlider, _Slider
from playground.ui.switch import Switch


class Stop(Spec):
    when: Annotated[Literal["epochs", "error"], Knob("stop when", live=True)] = "epochs"
    epochs: Annotated[
        int, Field(ge=1, le=1000), Knob("epochs", live=True, shown_when=("when", ("epochs",)))
    ] = 100
    error: Annotated[float, Field(gt=0, le=1), Knob("error", shown_when=("when", ("error",)))] = 0.1


class Learner(Spec):
    rate: Annotated[
        float,
        Field(gt=0, le=100),
        Knob("rate", "Length of a step.", scale="log", soft_minimum=1e-4, soft_maximum=1),
    ] = 0.02


class Demo(Spec):
    count: Annotated[int, Field(ge=2, le=200), Knob("points", "How many.", group="Data")] = 80
    kind: Annotated[
        Literal["blobs", "moons", "circles", "xor"],
        Knob("preset", group="Data", labels={"xor": "XOR"}),
    ] = "blobs"
    seed: Annotated[int, Field(ge=0, le=2**32 - 1), Knob("data seed", group="Data")] = 7
    shuffle: Annotated[bool, Knob("shuffle", group="Order")] = False
    title: Annotated[str, Field(max_length=8), Knob("title", group="Order")] = ""
    limit: Annotated[float | None, Field(ge=0, le=10), Knob("clip at", group="Order")] = None
    loose: Annotated[float, Field(ge=0), Knob("loose", group="Order")] = 1.0
    stop: Annotated[Stop, Knob("stop", group="Stop")] = Stop()
    learners: Annotated[tuple[Learner, ...], Knob("models", group="Models")] = (Learner(),)
    secret: Annotated[int, Knob("secret", hidden=True)] = 0
    cache: Any = None

    @model_validator(mode="after")
    def _no_shuffled_circles(self):
        if self.shuffle and self.kind == "circles":
            raise ValueError("Circles cannot be shuffled.")
        if self.count == 13:
            raise ValueError("Thirteen points bring bad luck.")
        return self


@pytest.fixture
def form(themed, qtbot):
    made = SpecForm(Demo)
    made.set_spec(Demo())
    made.resize(280, 800)
    qtbot.addWidget(made)
    made.show()
    return made


def heard(form):
    said = []
    form.edited.connect(lambda *what: said.append(what))
    return said


def retype(field, text):
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def part(form, path, kind):
    return form.row(path).findChild(kind)


def test_every_visible_knob_has_one_row(form):
    expected = {
        field.path
        for field in describe(Demo)
        if not field.knob.hidden and field.kind not in ("specs", "opaque")
    }
    assert set(form._rows) == expected
    assert ("secret",) not in form._rows
    assert ("stop", "epochs") in form._rows


def test_showing_a_spec_emits_nothing_and_shows_everything(form):
    said = heard(form)
    spec = Demo(
        count=120,
        kind="moons",
        seed=2**31,
        shuffle=True,
        title="mine",
        limit=2.5,
        loose=7.0,
        stop=Stop(when="error", error=0.5),
    )
    form.set_spec(spec)
    assert said == []
    for path, row in form._rows.items():
        value = spec
        for key in path:
            value = getattr(value, key)
        assert row.current_value() == value, path
    assert form.spec is spec


def test_a_typed_number_is_emitted_whole(form):
    said = heard(form)
    retype(part(form, ("count",), NumberField), "100")
    assert said[-1] == (("count",), 100, True)
    assert isinstance(said[-1][1], int)
    assert form.spec.count == 100


def test_a_slider_emits_while_it_moves_and_once_at_the_end(form):
    said = heard(form)
    slider = part(form, ("count",), _Slider)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=slider.rect().center())
    QTest.mouseMove(slider, slider.rect().center() * 1.5)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton)
    assert [finished for *_, finished in said].count(True) == 1
    assert said[-1][2] is True
    assert len(said) >= 2


@pytest.mark.parametrize(
    ("path", "typed", "sentence"),
    [
        (("count",), "abc", "“abc” is not a number; write it like 0.02, 1e-3 or 1,284."),
        (("count",), "500", "points must be a whole number from 2 to 200."),
        (("count",), "13", "Thirteen points bring bad luck."),
        (("loose",), "-1", "loose must be a number, at least 0."),
    ],
)
def test_what_is_not_allowed_gets_a_sentence_and_is_not_emitted(form, path, typed, sentence):
    said = heard(form)
    field = part(form, path, NumberField)
    before = form.spec
    retype(field, typed)
    assert said == []
    assert form.row(path).problem == sentence
    assert form.row(path).findChild(QLabel) is not None
    assert field.text() == typed
    assert form.spec == before
    # A state that arrives meanwhile does not wipe out what the person wrote.
    form.set_spec(before)
    assert field.text() == typed
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert form.row(path).problem == ""
    assert form.row(path).current_value() == getattr(before, path[0])


def test_a_slider_dragged_to_a_refused_value_goes_back(form):
    said = heard(form)
    slider = part(form, ("count",), NumberSlider)
    slider._slider.setSliderDown(True)
    slider._slider.setSliderPosition(slider._scale.position(13))
    assert form.row(("count",)).problem == "Thirteen points bring bad luck."
    slider._slider.setSliderDown(False)
    assert said == []
    assert slider.value == 80
    assert slider._slider.value() == slider._scale.position(80)


def test_an_open_bound_is_seen_by_the_spec_as_a_whole(form):
    form.set_spec(Demo(stop=Stop(when="error")))
    said = heard(form)
    retype(part(form, ("stop", "error"), NumberField), "0")
    assert said == []
    assert form.row(("stop", "error")).problem.startswith("error must be greater than 0")


def test_a_refused_switch_goes_back(form):
    form.set_spec(Demo(kind="circles"))
    said = heard(form)
    switch = part(form, ("shuffle",), Switch)
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert said == []
    assert switch.value is False
    assert form.row(("shuffle",)).problem == "Circles cannot be shuffled."
    retype(part(form, ("count",), NumberField), "50")
    form.set_spec(form.spec)
    assert form.row(("shuffle",)).problem == ""


def test_choices_have_labels_and_tell_values(form):
    said = heard(form)
    box = part(form, ("kind",), ChoiceBox)
    assert box.values == ("blobs", "moons", "circles", "xor")
    assert box._combo.itemText(3) == "XOR"
    box._combo.activated.emit(3)
    assert said == [(("kind",), "xor", True)]


def test_text_is_told_when_it_is_done(form):
    said = heard(form)
    edit = form.row(("title",)).findChild(QLineEdit)
    retype(edit, " mine ")
    assert said == [(("title",), "mine", True)]
    retype(edit, "far too long")
    assert form.row(("title",)).problem
    assert said == [(("title",), "mine", True)]


def test_seeds_have_a_die_within_the_bounds(form):
    said = heard(form)
    row = form.row(("seed",))
    row._seed._draw = lambda: 2**32 + 5
    row._seed._dice.click()
    assert said == [(("seed",), 5, True)]


def test_optional_numbers_have_a_switch(form):
    said = heard(form)
    row = form.row(("limit",))
    assert not row.findChild(NumberSlider).isEnabled()
    QTest.mouseClick(row.findChild(Switch), Qt.MouseButton.LeftButton)
    assert said[-1][0] == ("limit",)
    assert said[-1][1] == 0.0
    retype(row.findChild(NumberField), "2.5")
    assert said[-1] == (("limit",), 2.5, True)
    QTest.mouseClick(row.findChild(Switch), Qt.MouseButton.LeftButton)
    assert said[-1] == (("limit",), None, True)


def test_knobs_appear_when_they_matter(form):
    assert form.row(("stop", "epochs")).isVisible()
    assert not form.row(("stop", "error")).isVisible()
    part(form, ("stop", "when"), ChoiceBox)._group.button(1).click()
    assert not form.row(("stop", "epochs")).isVisible()
    assert form.row(("stop", "error")).isVisible()


def test_groups_fold_and_are_remembered(form, qtbot):
    assert list(form._groups) == ["Data", "Order", "Stop", "Models"]
    with qtbot.waitSignal(form.groups_changed):
        QTest.mouseClick(form.group("Data")._head, Qt.MouseButton.LeftButton)
    assert form.folded == ("Data",)
    assert not form.row(("count",)).isVisible()
    form.set_folded(["Order"])
    assert form.folded == ("Order",)
    assert form.row(("count",)).isVisible()


def test_a_group_without_rows_waits_for_the_panes_own_editor(form):
    assert not form.group("Models").isVisible()
    own = QLabel("list of models")
    form.add_to_group("Models", own)
    assert own.isVisible()


def test_a_form_for_one_entry_of_a_list_emits_whole_paths(themed, qtbot):
    form = SpecForm.for_path(Demo, ("learners", 2))
    qtbot.addWidget(form)
    form.set_spec(Learner())
    said = heard(form)
    retype(part(form, ("rate",), NumberField), "50")
    assert said[-1] == (("learners", 2, "rate"), 50.0, True)
    form.set_prefix(("learners", 1))
    retype(part(form, ("rate",), NumberField), "60")
    assert said[-1][0] == ("learners", 1, "rate")
    with pytest.raises(SpecError, match=r"no list entry “stop\.0”"):
        SpecForm.for_path(Demo, ("stop", 0))


def test_paths_left_out_have_no_row(themed, qtbot):
    form = SpecForm(Demo, leave_out=[("count",)])
    qtbot.addWidget(form)
    with pytest.raises(KeyError):
        form.row(("count",))


def test_another_type_builds_other_rows_and_keeps_the_folds(form):
    form.set_folded(["Stop"])
    form.set_spec_type(Learner)
    form.set_spec(Learner(rate=1.0))
    assert set(form._rows) == {("rate",)}
    assert form.row(("rate",)).current_value() == 1.0


def test_live_knobs_are_marked_and_all_tell_what_a_change_does(form):
    from playground.ui.form_rows import LIVE_HINT, RESTART_HINT

    live = form.row(("stop", "epochs")).findChild(NumberField).toolTip()
    restarts = form.row(("count",)).findChild(NumberField).toolTip()
    assert LIVE_HINT in live
    assert RESTART_HINT in restarts
    marks = {
        path
        for path, row in form._rows.items()
        if any(child.accessibleName() == LIVE_HINT for child in row.findChildren(QWidget))
    }
    assert marks == {("stop", "when"), ("stop", "epochs")}


@pytest.mark.parametrize("width", [260, 300, 420])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_nothing_is_wider_than_the_inspector(themed, qtbot, width, scale):
    themed.set_scale(scale)
    holder = QWidget()
    form = SpecForm(Demo)
    form.set_spec(Demo(limit=1.0))
    QVBoxLayout(holder).addWidget(form)
    holder.setFixedWidth(round(width * scale))
    qtbot.addWidget(holder)
    holder.show()
    assert holder.layout().minimumSize().width() <= width * scale
    for child in form.findChildren(QWidget):
        if child.isVisible():
            right = child.mapTo(holder, child.rect().topRight()).x()
            assert right <= holder.width(), child


def test_numbers_without_ends_are_plain_fields(themed, qtbot):
    fields = {field.path: field for field in describe(Demo)}
    row = make_row(fields["loose",])
    qtbot.addWidget(row)
    assert row.findChild(NumberSlider) is None
    assert make_row(fields["secret",]) is None
    assert make_row(fields["learners",]) is None
