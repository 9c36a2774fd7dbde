from __future__ import annotations

from playground.ui.turns import Turns


def drawn(turns, *, pouring=True):
    turns.begin(pouring=pouring)
    return [place for place in range(3) if turns.allows(place)]


def test_views_take_turns_while_frames_pour_in():
    turns = Turns(3)
    assert [drawn(turns) for _ in range(5)] == [[0], [1], [2], [0], [1]]


def test_everybody_is_drawn_where_frames_come_singly():
    assert drawn(Turns(3), pouring=False) == [0, 1, 2]


def test_a_picture_with_words_is_nobodys_turn_and_no_turn_is_lost():
    turns = Turns(3)
    assert drawn(turns) == [0]
    turns.note_words()
    assert drawn(turns) == []
    assert drawn(turns) == [1]


def test_words_do_not_hold_up_single_frames():
    turns = Turns(3)
    turns.note_words()
    assert drawn(turns, pouring=False) == [0, 1, 2]


def test_a_longer_round_comes_less_often():
    turns = Turns(2)
    turns.set_round(5)
    allowed = []
    for _ in range(15):
        turns.begin(pouring=True)
        allowed.append(turns.allows(0))
    assert sum(allowed) == 3
