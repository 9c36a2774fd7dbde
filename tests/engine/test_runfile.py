import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.engine import commands as cmd
from playground.engine.runfile import MAX_BYTES, RunDocument, RunFileError, load, parse, save
from tests.engine.toys import Hand, Jump, Pull, Walk, WalkSpec, create, set_value

GOOD = {
    "format": "playrun",
    "version": 1,
    "app": "0.1.0",
    "kind": "walk",
    "spec": {"rate": 0.5},
    "seed": 3,
    "edits": [[2, {"type": "pull", "target": 1.0}], [2, {"type": "jump", "by": 1.0}]],
    "step": 4,
    "frontier": 9,
    "label": "mine",
}


def changed(**changes):
    return json.dumps({**GOOD, **changes})


def refused(text):
    with pytest.raises(RunFileError) as caught:
        parse(text, "x.playrun", create)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 300
    assert "x.playrun" in sentence
    return sentence


def test_what_is_saved_is_what_is_loaded(tmp_path):
    document = RunDocument.of(
        "walk",
        WalkSpec(start=1 / 3, rate=1e-7),
        2**63 - 1,
        [(0, set_value("rate", 0.1)), (5, Pull(target=-0.0)), (5, Jump(by=1e-300))],
        step=7,
        frontier=12,
        label="“größer” 走\ud800",
    )
    path = tmp_path / "a.playrun"
    save(path, document)
    again = load(path, create)

    assert again == document
    assert again.typed_spec(Walk) == WalkSpec(start=1 / 3, rate=1e-7)
    assert again.typed_edits(Walk) == [
        (0, set_value("rate", 0.1)),
        (5, Pull(target=-0.0)),
        (5, Jump(by=1e-300)),
    ]


def test_a_file_reproduces_the_run_bit_for_bit(tmp_path):
    first, second = Hand(), Hand()
    first.open(seed=11)
    first.train(33)
    first.apply(Pull(target=0.7))
    first.train(33)
    first.apply(set_value("rate", 1 / 7))
    first.train(34)
    there = first.seek(50).snapshot
    save(tmp_path / "run.playrun", first.document())

    second.send(cmd.OpenDocument("pane", load(tmp_path / "run.playrun", create)))
    assert second.settle().snapshot == there
    assert second.seek(100).snapshot == first.seek(100).snapshot
    for name in ("walk", "epoch"):
        ours, theirs = first.frame.history.series(name), second.frame.history.series(name)
        assert ours.steps.tobytes() == theirs.steps.tobytes()
        for column, values in ours.columns.items():
            assert values.tobytes() == theirs.columns[column].tobytes()


@given(
    start=st.floats(allow_nan=False, allow_infinity=False),
    seed=st.integers(0, 2**63 - 1),
    by=st.floats(allow_nan=False, allow_infinity=False),
    label=st.text(),
)
def test_every_number_survives_the_file(start, seed, by, label):
    document = RunDocument.of("walk", WalkSpec(start=start), seed, [(0, Jump(by=by))], label=label)
    text = json.dumps(document.model_dump(mode="json"))
    again = parse(text, "x.playrun", create)

    assert again == document
    assert again.typed_edits(Walk)[0][1].by.hex() == by.hex()
    assert again.typed_spec(Walk).start.hex() == start.hex()


def test_the_good_one_of_these_tests_is_good():
    assert parse(changed(), "x.playrun", create).label == "mine"


def test_a_missing_file_a_folder_and_an_empty_file_are_told_apart(tmp_path):
    (tmp_path / "empty.playrun").write_bytes(b" \n")
    for path, sentence in (
        (tmp_path / "none.playrun", "There is no file"),
        (tmp_path, "is a folder"),
        (tmp_path / "empty.playrun", "is empty"),
        (tmp_path / "x\0y", "cannot be read"),
    ):
        with pytest.raises(RunFileError, match=sentence):
            load(path, create)


def test_a_file_that_may_not_be_read_says_so(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "secret.playrun"
    path.write_text(changed(), encoding="utf-8")
    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(RunFileError, match="cannot be read: Permission denied"):
        load(path, create)


def test_binary_and_oversized_files_are_refused(tmp_path):
    binary, huge = tmp_path / "b.playrun", tmp_path / "h.playrun"
    binary.write_bytes(b"\x89PNG\r\n\x1a\n\xff\x00")
    with huge.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(RunFileError, match="binary data"):
        load(binary, create)
    with pytest.raises(RunFileError, match="larger than 64 MB"):
        load(huge, create)


def test_a_byte_order_mark_is_no_obstacle(tmp_path):
    path = tmp_path / "bom.playrun"
    path.write_text(changed(), encoding="utf-8-sig")
    assert load(path, create).seed == 3


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.99])
def test_a_truncated_file_is_damaged(share):
    text = changed()
    assert "damaged" in refused(text[: int(len(text) * share)])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hello", "damaged or not a run file"),
        ("[1, 2]", "not a run of the playground"),
        ("null", "not a run of the playground"),
        ('{"format": "notebook"}', "not a run of the playground"),
        ("[" * 200_000, "nested too deeply"),
        ('{"format":' * 200_000, "nested too deeply"),
        (changed(spec={"rate": "DEEP"}).replace('"DEEP"', "[" * 900 + "]" * 900), "rate"),
        (changed().replace("0.5", "NaN"), "NaN is not a number"),
        (changed().replace("0.5", "-Infinity"), "-Infinity is not a number"),
        (changed().replace("0.5", "1e999"), "1e999 is too large"),
        (changed(seed="S").replace('"S"', "9" * 5000), "a number is too long"),
        (changed().replace('"seed": 3', '"seed": 3, "seed": 4'), "“seed” is given twice"),
    ],
)
def test_hostile_text_is_refused_in_a_sentence(text, sentence):
    assert sentence in refused(text)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"version": 2}, "newer playground (file version 2"),
        ({"version": "1"}, "version"),
        ({"version": True}, "version"),
        ({"kind": "chess"}, "There is no experiment “chess”"),
        ({"kind": 5}, "kind"),
        ({"spec": []}, "spec"),
        ({"spec": {"rate": -1}}, "rate must be greater than 0"),
        ({"spec": {"rte": 1}}, "There is no setting “rte”"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"seed": 2**63}, "seed must be at most"),
        ({"seed": 1.5}, "seed"),
        ({"seed": "3"}, "seed"),
        ({"seed": True}, "seed"),
        ({"seed": None}, "seed"),
        ({"step": -1}, "step must be at least 0"),
        ({"frontier": 10**12 + 1}, "frontier must be at most"),
        ({"frontier": 10**400}, "frontier must be"),
        ({"step": 10}, "stands at step 10 of a run of 9 steps"),
        ({"edits": {}}, "edits"),
        ({"edits": [[1]]}, "edits"),
        ({"edits": [[1, 2]]}, "edits"),
        ({"edits": [["1", {"type": "jump", "by": 1}]]}, "edits"),
        ({"edits": [[1, {"by": 1}]]}, "The edit at step 1 must be one of"),
        ({"edits": [[1, {"type": ["jump"]}]]}, "The edit at step 1 must be one of"),
        ({"edits": [[1, {"type": "fly"}]]}, "(got fly)"),
        (
            {"edits": [[1, {"type": "jump", "by": "far"}]]},
            "The edit at step 1: by must be a number",
        ),
        ({"edits": [[1, {"type": "jump", "by": 1, "x": 2}]]}, "The edit at step 1"),
        ({"edits": [[5, GOOD["edits"][0][1]], *GOOD["edits"]]}, "not in order"),
        ({"edits": [[10, GOOD["edits"][0][1]]]}, "an edit at step 10 lies beyond"),
        ({"label": 5}, "label"),
        ({"extra": 1}, "extra"),
    ],
)
def test_wrong_contents_are_refused_in_a_sentence(changes, sentence):
    assert sentence in refused(changed(**changes))


@pytest.mark.parametrize("key", ["kind", "spec", "seed"])
def test_what_is_missing_is_named(key):
    data = dict(GOOD)
    del data[key]
    assert f"{key} is missing" in refused(json.dumps(data))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*GOOD, "type", "x"]), inner, max_size=3)
        ),
        max_leaves=10,
    ),
    st.sampled_from([*GOOD]),
)
def test_whatever_stands_in_a_field_it_is_opened_or_refused_in_a_sentence(value, key):
    sentences = []
    try:
        parse(changed(**{key: value}), "x.playrun", create)
    except RunFileError as error:
        sentences.append(str(error))
    assert "\n" not in "".join(sentences)


def test_saving_where_nothing_can_be_written_keeps_the_old_file(tmp_path):
    document = RunDocument(**{**GOOD, "edits": ()})
    with pytest.raises(RunFileError):
        save(tmp_path / "no folder" / "a.playrun", document)

    path = tmp_path / "a.playrun"
    save(path, document)
    bad = RunDocument.model_construct(**{**document.__dict__, "spec": {"rate": float("nan")}})
    before = path.read_bytes()
    with pytest.raises(RunFileError, match="no number"):
        save(path, bad)
    assert path.read_bytes() == before
