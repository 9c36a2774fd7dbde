from __future__ import annotations

import errno
import os
import zipfile
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.core import point_files
from playground.core.datasets import make_points
from playground.core.point_files import (
    MAX_FILE_BYTES,
    WRITABLE,
    Choice,
    PointFileError,
    choose,
    guess,
    notes_for,
    parse_text,
    read_table,
    write_points,
)
from playground.core.points import PointSet


def chosen(table):
    return choose(table, *guess(table))


def table_or_sentence(read):
    try:
        return read(), ""
    except PointFileError as error:
        return None, str(error)


def saved(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


PLAIN = "x1,x2,label\n0.5,-1,1\n2,3.25,-1\n1e-3,4,1\n"
EXPECTED = PointSet.of(
    [[0.5, -1], [2, 3.25], [1e-3, 4]], [1, -1, 1], names=("x1", "x2"), classes=("−1", "+1")
)


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.rstrip("\n"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        "\ufeff" + PLAIN,
        PLAIN.replace("\n", "\n\n"),
        "# a comment\n" + PLAIN,
        "sep=,\r\n" + PLAIN,
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", " | "),
        PLAIN.replace(",", "   "),
        PLAIN.replace(",", ", "),
        "# x1 x2 label\n" + PLAIN.replace(",", " ").split("\n", 1)[1],
        PLAIN.replace(",", ";").replace(".", ","),
        PLAIN.replace(",", "\t").replace(".", ","),
        PLAIN.replace(",", " ").replace(".", ","),
        PLAIN.replace("0.5", '"0.5"').replace("x1", '"x1"'),
        PLAIN.replace("-1", "−1"),
        PLAIN.encode("utf-16"),
        PLAIN.replace("\n", "\r\n").encode("utf-16"),
    ],
    ids=lambda content: repr(content)[:40],
)
def test_every_layout_gives_the_same_points(tmp_path, content):
    table = read_table(saved(tmp_path, "any.name", content))
    assert table.notes == ()
    assert chosen(table).equals(EXPECTED)
    if isinstance(content, str):
        assert chosen(parse_text(content)).equals(EXPECTED)


def test_agrees_with_genfromtxt(tmp_path):
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(200, 4)) * 10.0 ** rng.integers(-8, 8, (200, 4))
    lines = [",".join("" if rng.random() < 0.1 else repr(float(v)) for v in row) for row in numbers]
    path = saved(tmp_path, "a.csv", "a,b,c,d\n" + "\n".join(lines))
    expected = np.genfromtxt(path, delimiter=",", names=True)
    table = read_table(path)
    assert table.names == expected.dtype.names
    for name in table.names:
        assert np.array_equal(table.numbers[name], expected[name], equal_nan=True)


def test_savetxt_is_read(tmp_path):
    values = np.random.default_rng(1).normal(size=(50, 3))
    np.savetxt(tmp_path / "a.txt", values, header="u v w")
    table = read_table(tmp_path / "a.txt")
    assert table.names == ("u", "v", "w")
    assert np.array_equal(np.column_stack(list(table.numbers.values())), values)


def test_an_older_windows_encoding_is_read(tmp_path):
    table = read_table(saved(tmp_path, "a.csv", "Länge,Breite\n1,2\n".encode("cp1252")))
    assert table.names == ("Länge", "Breite")


def test_without_header_columns_are_numbered():
    table = parse_text("1,2,a\n3,4,b\n")
    assert table.names == ("column 1", "column 2", "column 3")
    assert table.count == 2


def test_a_header_may_hold_a_number():
    table = parse_text("a,b,1999\n1,2,0\n3,4,1\n")
    assert table.names == ("a", "b", "1999")


def test_missing_and_repeated_names_are_mended():
    assert parse_text("a,a,,a\n1,2,3,4\n").names == ("a", "a (2)", "column 3", "a (3)")


def test_more_than_two_labels_are_one_against_the_rest():
    text = "u,v,species\n1,2,setosa\n3,4,virginica\n5,6,versicolor\n7,8,setosa\n"
    table = parse_text(text)
    assert table.labels["species"].values == ("setosa", "versicolor", "virginica")
    points = choose(table, "v", "u", "species", "setosa")
    assert points.y.tolist() == [1, -1, -1, 1]
    assert points.x.tolist() == [[2, 1], [4, 3], [6, 5], [8, 7]]
    assert points.names == ("v", "u")
    assert points.classes == ("not setosa", "setosa")
    assert "“setosa” is +1, the other 2 labels are −1." in notes_for(
        table, Choice("v", "u", "species", "setosa")
    )


def test_rows_with_missing_or_extreme_values_are_left_out_and_counted():
    text = "u,v,other,k\n1,2,,a\n,3,0,b\nnan,3,0,b\n1e300,3,0,b\n3,inf,0,b\n4,5,0,\n6,7,NA,b\n"
    table = parse_text(text)
    choice = Choice("u", "v", "k", "b")
    assert choose(table, *choice).x.tolist() == [[1, 2], [6, 7]]
    assert notes_for(table, choice) == ("5 rows are left out: a value is missing or beyond 10¹².",)
    with pytest.raises(PointFileError, match="No row has usable numbers"):
        chosen(parse_text("u,v\n1e300,2\n,3\n"))


def test_stray_words_in_a_column_of_numbers_are_missing_and_named():
    rows = "".join(f"{i},{i * i}.5\n" for i in range(40))
    table = parse_text("a,b\n" + rows + "oops,3\n")
    assert np.isnan(table.numbers["a"][-1])
    assert table.notes == (
        "Column “a” has an entry that is not a number, such as “oops”; taken as missing.",
    )


def test_a_column_of_many_words_is_ignored_and_named():
    rows = "".join(f"{i},{i},flower number {i}\n" for i in range(150))
    table = parse_text("a,b,name\n" + rows)
    assert table.names == ("a", "b")
    assert table.notes == ("Column “name” was ignored: neither numbers nor a few classes.",)


def numbered(header, rows=40):
    """Return a table with these columns: an index, two or three classes, measurements."""
    lines = [
        ",".join(
            str({"id": i, "kind": i % 2, "label": i % 3}.get(name, round(i**1.3, 3)))
            for name in header.split(",")
        )
        for i in range(rows)
    ]
    return parse_text(header + "\n" + "\n".join(lines))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("id,u,v,kind", Choice("u", "v", "kind", "1")),
        ("kind,u,v", Choice("u", "v", "kind", "1")),
        ("label,u,v,w", Choice("u", "v", "label", "1")),
        ("u,v", Choice("u", "v")),
        ("id,u", Choice("id", "u")),
        ("x,y", Choice("x", "y")),
        ("x,y,kind", Choice("x", "y", "kind", "1")),
        ("u,v,w", Choice("u", "v")),
    ],
)
def test_the_guess_is_what_a_person_would_choose(header, expected):
    assert guess(numbered(header)) == expected


def test_the_guess_without_names_takes_the_last_column_if_it_has_few_values():
    rng = np.random.default_rng(0)
    rows = [f"{a},{b},{c}" for a, b, c in zip(*rng.normal(size=(2, 30)), [0, 1] * 15, strict=True)]
    assert guess(parse_text("\n".join(rows))) == Choice("column 1", "column 2", "column 3", "1")
    assert guess(parse_text("1 2 3\n4 5 6\n7 8 9\n0 1 2")).label is None


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        (["yes", "no"], "yes"),
        (["True", "False"], "True"),
        (["-", "+"], "+"),
        (["0", "1", "2"], "1"),
        (["a", "b"], "b"),
        (["2", "4"], "4"),
    ],
)
def test_the_positive_value_is_guessed(values, positive):
    text = "u,v,class\n" + "".join(f"{i}.5,{i}.25,{values[i % len(values)]}\n" for i in range(30))
    assert guess(parse_text(text)).positive == positive


def test_one_class_and_no_class_are_said():
    table = parse_text("u,v,class\n1,2,a\n3,4,a\n")
    assert notes_for(table, Choice("u", "v", "class", "a")) == (
        "All rows have the label “a”: there is only one class.",
    )
    assert notes_for(table, Choice("u", "v")) == (
        "There is no label column: all points are of the class +1.",
    )
    assert choose(table, "u", "v").y.tolist() == [1, 1]


coordinates = st.floats(-1e12, 1e12)
named_points = st.builds(
    lambda rows, names: PointSet.of(
        np.array(rows)[:, :2], np.array(rows)[:, 2], *(names if names else ())
    ),
    st.lists(st.tuples(coordinates, coordinates, st.sampled_from([-1, 1])), min_size=1),
    st.sampled_from(
        [(), (("a, b", 'c "d"'), ("1", "0")), (("länge", "w | h;"), ("rot", "blau\tgrün"))]
    ),
)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt", ".npz"])
@given(points=named_points)
def test_written_points_are_read_back_exactly(tmp_path_factory, suffix, points):
    path = tmp_path_factory.mktemp("points") / f"points{suffix}"
    write_points(path, points)
    back = chosen(read_table(path))
    assert back.x.tobytes() == points.x.tobytes()
    assert back.y.tolist() == points.y.tolist()
    assert back.names == points.names
    if len(set(points.y.tolist())) == 2:
        assert back.classes == tuple(" ".join(name.split("\n")) for name in points.classes)


@given(points=named_points)
def test_npy_keeps_the_numbers(tmp_path_factory, points):
    path = tmp_path_factory.mktemp("points") / "points.npy"
    write_points(path, points)
    assert np.array_equal(np.load(path), np.column_stack([points.x, points.y]))
    table = read_table(path)
    back = choose(table, "column 1", "column 2", "column 3", "1")
    assert np.array_equal(back.x, points.x)
    assert np.array_equal(back.y, points.y)


def test_a_failed_save_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "points.csv"
    path.write_text("old", encoding="utf-8")

    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(PointFileError, match="the disk is full"):
        write_points(path, EXPECTED)
    assert path.read_text(encoding="utf-8") == "old"


def test_unknown_extensions_are_refused_with_those_allowed(tmp_path):
    with pytest.raises(PointFileError, match=r"\.csv, \.tsv, \.txt, \.npy, \.npz, not as “\.xlsx”"):
        write_points(tmp_path / "points.xlsx", EXPECTED)
    assert WRITABLE == (".csv", ".tsv", ".txt", ".npy", ".npz")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "“a.csv” is empty"),
        (b" \r\n \n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 9, "is a binary file"),
        (bytes(range(1, 32)) * 20, "is a binary file"),
        (b"a,b\n", "no rows of data"),
        (b"# nothing\n# at all\n", "no rows of data"),
        (b"a\n1\n2\n", "only one column"),
        (b"a,b\nx,y\nz,u\n", "Two columns of numbers are needed, but there are none"),
        (b"a,b\n1,y\n2,u\n", "but there is one in 2 columns and 2 rows"),
        (b"a,b\n1,2\n1,2,3\n4,5\n", "Line 3 has 3 columns where 2 were expected"),
        (b"a,b\n1,2\n\n# c\n1\n", "Line 5 has 1 columns where 2"),
        (b",".join([b"1"] * 3000), "3,000 columns; at most 2,000"),
        (b"x" * 3_000_000, "cannot be read|only one column"),
        (b"\x93NUMPY\x01\x00garbage", "is damaged"),
        (b"PK\x03\x04garbage", "is damaged"),
    ],
)
def test_bad_files_are_refused_with_a_sentence(tmp_path, content, words):
    path = saved(tmp_path, "a.csv", content)
    with pytest.raises(PointFileError, match=words) as caught:
        read_table(path)
    assert "“a.csv”" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


@given(st.binary(max_size=300))
def test_any_bytes_give_a_table_or_a_sentence(tmp_path_factory, content):
    path = saved(tmp_path_factory.mktemp("any"), "a.csv", content)
    table, sentence = table_or_sentence(lambda: read_table(path))
    assert "a.csv" in sentence if table is None else len(table.numbers) >= 2


@given(st.text(alphabet='0123456789.,;|\t\n\r "+-eaNn_#', max_size=60))
def test_any_text_gives_a_table_or_a_sentence(text):
    table, sentence = table_or_sentence(lambda: parse_text(text))
    if table is None:
        assert sentence.startswith("The text")
        return
    points, sentence = table_or_sentence(lambda: chosen(table))
    assert "No row" in sentence if points is None else 0 < len(points) <= table.count


def test_missing_files_folders_and_giants_are_refused(tmp_path, monkeypatch):
    with pytest.raises(PointFileError, match=r"There is no file “no\.csv”"):
        read_table(tmp_path / "no.csv")
    with pytest.raises(PointFileError, match="is a folder"):
        read_table(tmp_path)
    giant = tmp_path / "giant.csv"
    with giant.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(PointFileError, match="more than 2 GB"):
        read_table(giant)

    def locked(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    path = saved(tmp_path, "a.csv", PLAIN)
    monkeypatch.setattr("pathlib.Path.open", locked)
    with pytest.raises(PointFileError, match=r"“a\.csv” cannot be read: Permission denied"):
        read_table(path)


def test_a_text_of_a_book_is_refused(monkeypatch):
    monkeypatch.setattr(point_files, "_MAX_TEXT_CHARACTERS", 10)
    with pytest.raises(PointFileError, match="too long"):
        parse_text(PLAIN)


def test_long_files_are_sampled_evenly(tmp_path, monkeypatch):
    monkeypatch.setattr(point_files, "MAX_POINTS", 1000)
    # Small blocks, so that lines are cut at their borders.
    monkeypatch.setattr(point_files, "_BLOCK_BYTES", 777)
    lines = "".join(f"{i},{i * 0.5}\n" for i in range(12_345))
    table = read_table(saved(tmp_path, "a.csv", "a,b\n" + lines))
    assert table.count == 1000
    assert table.notes == ("Of 12,345 rows 1,000 are used, evenly spaced.",)
    steps = np.diff(table.numbers["a"])
    assert set(steps.tolist()) == {12.0, 13.0}
    assert table.numbers["a"][0] < 13
    assert table.numbers["a"][-1] > 12_345 - 13
    assert np.array_equal(table.numbers["b"], table.numbers["a"] * 0.5)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 50), st.booleans())
def test_sampling_takes_whole_lines_wherever_blocks_end(rows, wanted, block, closed):
    content = ("\n".join(f"{i},{i}" for i in range(rows)) + "\n" * closed).encode()

    def blocks():
        return (content[start : start + block] for start in range(0, len(content), block))

    table = point_files.text_table(blocks, wanted, lambda _: None, len(content))
    found = table.numbers["column 1"]
    assert len(found) == min(rows, wanted)
    assert len(set(found.tolist())) == len(found)
    assert np.array_equal(found, table.numbers["column 2"])
    assert (np.diff(found) > 0).all()


def test_wide_tables_are_sampled_by_their_number_of_fields(tmp_path, monkeypatch):
    monkeypatch.setattr("playground.core.table_text.MAX_CELLS", 1000)
    line = ",".join("1" for _ in range(20)) + "\n"
    table = read_table(saved(tmp_path, "a.csv", line * 500))
    assert table.count == 50
    assert table.notes == ("Of 500 rows 50 are used, evenly spaced.",)


def test_progress_rises_to_one_and_may_cancel(tmp_path, monkeypatch):
    monkeypatch.setattr(point_files, "_BLOCK_BYTES", 100)
    path = saved(tmp_path, "a.csv", "".join(f"{i},{i}\n" for i in range(500)))
    told = []
    read_table(path, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 10

    class Cancelled(Exception):
        pass

    def cancel(share):
        if share > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        read_table(path, progress=cancel)


def test_numpy_arrays_are_read(tmp_path):
    matrix = np.random.default_rng(0).normal(size=(30, 3))
    for order in "CF":
        np.save(tmp_path / "a.npy", np.asarray(matrix, order=order))
        table = read_table(tmp_path / "a.npy")
        assert np.array_equal(np.column_stack(list(table.numbers.values())), matrix)
    kind = [("u", "i4"), ("v", ">f4"), ("k", "U9"), ("s", "S3"), ("vector", "f8", (2,))]
    rows = [(1, 2.5, "no", b"a", (0, 0)), (3, 4.5, "yes", b"b", (0, 0))]
    np.save(tmp_path / "b.npy", np.array(rows, dtype=kind))
    table = read_table(tmp_path / "b.npy")
    assert table.names == ("u", "v", "k", "s")
    assert guess(table) == Choice("u", "v", "s", "b")
    assert choose(table, "u", "v", "k", "yes").y.tolist() == [-1, 1]


def test_npz_of_other_programs_is_read(tmp_path):
    data = np.arange(12.0).reshape(6, 2)
    target = np.array([0, 1, 2, 0, 1, 2])
    np.savez(tmp_path / "a.npz", data=data, target=target, extra=np.arange(9), name=np.array("t"))
    table = read_table(tmp_path / "a.npz")
    assert table.names == ("data 1", "data 2", "target")
    assert table.notes == ("Array “extra” was ignored: 9 rows instead of 6.",)
    assert chosen(table).y.tolist() == [-1, 1, -1, -1, 1, -1]
    np.savez(tmp_path / "b.npz", u=np.arange(5), v=np.arange(5.0), k=np.array(list("ababa")))
    assert guess(read_table(tmp_path / "b.npz")) == Choice("u", "v", "k", "b")


def test_long_arrays_are_sampled(tmp_path, monkeypatch):
    monkeypatch.setattr(point_files, "MAX_POINTS", 100)
    np.save(tmp_path / "a.npy", np.arange(2000.0).reshape(1000, 2))
    table = read_table(tmp_path / "a.npy")
    assert table.notes == ("Of 1,000 rows 100 are used, evenly spaced.",)
    assert set(np.diff(table.numbers["column 1"]).tolist()) == {20.0}


def array_bytes(array, **options):
    buffer = BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def zipped(name, content):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (array_bytes(np.array([{}, []], dtype=object), allow_pickle=True), "Python objects"),
        (array_bytes(np.array(5.0)), r"the shape \(\)"),
        (array_bytes(np.arange(5)), r"the shape \(5,\)"),
        (array_bytes(np.zeros((2, 2, 2))), r"the shape \(2, 2, 2\)"),
        (array_bytes(np.zeros((0, 3))), "no rows of data"),
        (array_bytes(np.zeros((3, 1))), "there is one in 1 columns"),
        (array_bytes(np.zeros((3, 2), dtype=complex)), "of the kind complex128"),
        (array_bytes(np.zeros((3, 2), dtype="M8[s]")), "of the kind datetime64"),
        (array_bytes(np.zeros((1, 3000))), "3,000 columns"),
        (array_bytes(np.zeros((3, 2)))[:-1], "is damaged"),
        (array_bytes(np.zeros((3, 2)))[:40], "is damaged"),
        (array_bytes(np.zeros((3, 2))).replace(b"(3, 2)", b"(10**9,2)"), "is damaged"),
        (zipped("a.txt", b"hello"), "zip file without numpy arrays"),
        (zipped("[Content_Types].xml", b"<xml/>"), "Excel workbook"),
        (zipped("a.npy", b"hello"), "no array with rows"),
        (zipped("a.npy", array_bytes(np.array(["a", None]), allow_pickle=True)), "Python objects"),
        (zipped("a.npy", array_bytes(np.array(3))), "no array with rows"),
    ],
)
def test_bad_arrays_are_refused_with_a_sentence(tmp_path, content, words):
    with pytest.raises(PointFileError, match=words) as caught:
        read_table(saved(tmp_path, "a.npz", content))
    assert "“a.npz”" in str(caught.value)


def test_a_zip_that_unfolds_too_far_is_refused_before_unpacking(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((50_000, 2)))
    monkeypatch.setattr("playground.core.table_arrays._MAX_UNPACKED_BYTES", 100_000)
    with pytest.raises(PointFileError, match="unpacks to more than"):
        read_table(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (("u", "no"), "no column of numbers called “no”"),
        (("u", "k"), "no column of numbers called “k”"),
        (("u", "u"), "must be different columns"),
        (("u", "v", "w", "1"), "“w” cannot be the label"),
        (("u", "v", "k", "c"), "never has the value “c”"),
        (("u", "v", "k", None), "never has the value"),
    ],
)
def test_bad_choices_are_refused_with_a_sentence(choice, words):
    rows = "".join(f"{i}.5,{i}.25,{i}.125,{'ab'[i % 2]}\n" for i in range(40))
    with pytest.raises(PointFileError, match=words):
        choose(parse_text("u,v,w,k\n" + rows), *choice)


def test_a_preset_survives_a_file(tmp_path):
    points = make_points("iris-versicolor-virginica", 100, 0, np.random.default_rng(0))
    write_points(tmp_path / "iris.csv", points)
    text = (tmp_path / "iris.csv").read_text(encoding="utf-8")
    assert text.startswith("petal length in cm,petal width in cm,label,class\n4.7,1.4,-1,versi")
    assert chosen(read_table(tmp_path / "iris.csv")).equals(points)
