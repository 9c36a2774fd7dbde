from enum import Enum
from typing import Annotated, Literal

import pytest
from pydantic import Field

from playground.experiments.spec import (
    Knob,
    Spec,
    SpecError,
    describe,
    dotted,
    field_at,
    parse_assignments,
    parse_path,
    replace_at,
    validate,
    value_at,
)


class Metal(Enum):
    TIN = "tin"
    LEAD = "lead"


class Wheel(Spec):
    radius: Annotated[float, Field(gt=0, le=10), Knob("radius", "How large.", live=True)] = 1.0
    metal: Annotated[Metal, Knob("metal", labels={Metal.TIN: "pure tin"})] = Metal.LEAD


class Engine(Spec):
    power: Annotated[int, Field(ge=1, le=500), Knob("power", unit="kW", group="Motor")] = 10
    fuel: Annotated[Literal["oil", "gas"], Knob("fuel", labels={"oil": "crude oil"})] = "oil"


class Car(Spec):
    engine: Annotated[Engine, Knob("engine", group="Drive")] = Engine()
    wheels: Annotated[
        tuple[Wheel, ...], Field(min_length=1, max_length=4), Knob("wheels", group="Wheels")
    ] = (Wheel(), Wheel(radius=2.0))
    name: Annotated[str, Field(max_length=5), Knob("name")] = "car"
    spare: Annotated[float | None, Field(ge=0), Knob("spare")] = None
    electric: Annotated[bool, Knob("electric")] = False
    inner: int = 3

    def following(self, name, value):
        return {"name": "e-car"} if name == "electric" and value else {}


def test_describe_flattens_specs_and_keeps_lists_of_them():
    fields = {dotted(field.path): field for field in describe(Car)}
    assert list(fields) == ["engine.power", "engine.fuel", "wheels", "name", "spare", "electric"]
    kinds = [field.kind for field in fields.values()]
    assert kinds == ["int", "choice", "specs", "text", "float", "bool"]
    power, fuel = fields["engine.power"], fields["engine.fuel"]
    assert (power.minimum, power.maximum, power.default, power.knob.unit) == (1, 500, 10, "kW")
    assert (power.knob.group, fuel.knob.group) == ("Motor", "Drive")
    assert fuel.choices == (("oil", "crude oil"), ("gas", "gas"))
    assert fields["wheels"].item_type is Wheel
    assert fields["spare"].optional
    assert not fields["name"].optional


def test_fields_inside_a_list_are_found_with_their_whole_path():
    field = field_at(Car, ("wheels", 1, "radius"))
    assert field.path == ("wheels", 1, "radius")
    assert (field.minimum, field.maximum, field.knob.live) == (0, 10, True)
    assert field_at(Car, ("wheels", 0, "metal")).choices[0] == (Metal.TIN, "pure tin")


@pytest.mark.parametrize("path", [("inner",), ("engine", "nonsense"), ("wheels", 0), ("x",)])
def test_paths_that_name_nothing_are_refused_with_what_there_is(path):
    with pytest.raises(SpecError, match="There is no setting"):
        field_at(Car, path)


def test_replacing_keeps_everything_else():
    car = Car()
    changed = replace_at(car, ("wheels", 1, "radius"), 3.0)
    assert value_at(changed, ("wheels", 1, "radius")) == 3.0
    assert changed.wheels[0] is car.wheels[0]
    assert changed.engine is car.engine
    assert car.wheels[1].radius == 2.0


def test_other_fields_follow_where_a_person_sets_one():
    assert replace_at(Car(), ("electric",), True).name == "e-car"
    assert replace_at(Car(name="van"), ("electric",), False).name == "van"


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("engine", "power"), 0, "power must be at least 1 (got 0)."),
        (("engine", "power"), 501, "power must be at most 500 (got 501)."),
        (("engine", "power"), 1.5, "power must be a whole number (got 1.5)."),
        (("engine", "power"), "much", "power must be a whole number (got much)."),
        (("engine", "fuel"), "coal", "fuel must be one of 'oil' or 'gas' (got coal)."),
        (("wheels", 0, "radius"), 0.0, "radius must be greater than 0.0 (got 0.0)."),
        (("wheels", 0, "radius"), float("nan"), "radius must be a finite number (got nan)."),
        (("wheels", 0, "radius"), float("inf"), "radius must be a finite number (got inf)."),
        (("wheels",), (), "wheels needs at least 1 entries."),
        (("wheels",), (Wheel(),) * 5, "wheels may hold at most 4 entries."),
        (("wheels", 9, "radius"), 1.0, "There is no entry 9 in “wheels.9.radius”."),
        (("wheels", -1, "radius"), 1.0, "There is no entry -1 in “wheels.-1.radius”."),
        (("engine", "nonsense"), 1, "There is no setting “engine.nonsense”."),
        (("engine", "power", "deep"), 1, "There is no setting “engine.power.deep”."),
    ],
)
def test_what_is_not_allowed_is_said_in_one_sentence(path, value, sentence):
    car = Car()
    with pytest.raises(SpecError) as refused:
        replace_at(car, path, value)
    assert str(refused.value) == sentence
    assert car == Car()


def test_values_of_paths_that_lead_nowhere():
    for path in (("engine", "x"), ("wheels", 7), ("name", 0, "x")):
        with pytest.raises(SpecError, match="There is no setting"):
            value_at(Car(), path)


def test_assignments_of_the_command_line_apply_in_order():
    car = parse_assignments(
        Car(),
        [
            "engine.power=20",
            "engine.power = 30",
            "wheels.1.radius=2.5",
            "name=van",
            "electric=true",
        ],
    )
    assert (car.engine.power, car.wheels[1].radius, car.electric) == (30, 2.5, True)
    assert car.name == "e-car"


@pytest.mark.parametrize("text", ["engine.power", "=3", "nonsense=1", "engine.power=[[[", "a=b=c"])
def test_bad_assignments_are_refused(text):
    with pytest.raises(SpecError):
        parse_assignments(Car(), [text])


def test_paths_are_written_with_dots():
    assert parse_path("wheels.1.radius") == ("wheels", 1, "radius")
    assert dotted(("wheels", 1, "radius")) == "wheels.1.radius"


def test_plain_data_round_trips():
    car = replace_at(Car(), ("wheels", 0, "metal"), Metal.TIN)
    assert validate(Car, car.model_dump(mode="json")) == car


@pytest.mark.parametrize("data", [None, 5, [], {"wings": 2}, {"engine": 3}, {"wheels": [{"x": 1}]}])
def test_foreign_data_is_refused(data):
    with pytest.raises(SpecError):
        validate(Car, data)


def test_hostile_nesting_is_refused():
    deep = {}
    for _ in range(100_000):
        deep = {"engine": deep}
    with pytest.raises(SpecError):
        validate(Car, deep)
