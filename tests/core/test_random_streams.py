from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from playground.core.random_streams import MAX_SEED, Streams

seeds = st.integers(0, MAX_SEED)


@given(seeds, st.text(max_size=20))
def test_a_stream_is_the_same_whenever_it_is_asked_for(seed, name):
    streams = Streams(seed)
    first = streams.numpy(name).random(4)
    streams.numpy("another").random(100)
    assert np.array_equal(Streams(seed).numpy(name).random(4), first)


def test_a_stream_is_a_child_of_the_seed_sequence():
    crc32_of_data = 0xADF3F363
    sequence = np.random.SeedSequence(7, spawn_key=(crc32_of_data,))
    expected = np.random.Generator(np.random.PCG64(sequence)).random(3)
    assert np.array_equal(Streams(7).numpy("data").random(3), expected)


def test_streams_differ_by_name_seed_child_and_library():
    streams = Streams(1)
    words = [
        streams.numpy("data"),
        streams.numpy("init"),
        Streams(2).numpy("data"),
        streams.child("fold", 0).numpy("data"),
        streams.child("fold", 1).numpy("data"),
        streams.child("run", 0).numpy("data"),
        streams.child("fold", 0).child("fold", 0).numpy("data"),
    ]
    assert len({generator.integers(2**63) for generator in words}) == len(words)
    torch_seed = streams.torch("init").initial_seed()
    assert torch_seed != int(streams._sequence("init").generate_state(1)[0])


@given(seeds)
def test_torch_streams_repeat(seed):
    first = torch.rand(3, generator=Streams(seed).torch("init"))
    assert torch.equal(torch.rand(3, generator=Streams(seed).torch("init")), first)


def test_torch_streams_leave_the_global_generator_alone():
    before = torch.get_rng_state()
    torch.rand(5, generator=Streams(3).torch("batch"))
    assert torch.equal(torch.get_rng_state(), before)


def test_torch_streams_differ_by_name_and_seed():
    generators = [
        Streams(seed).child("part", part).torch(name)
        for seed in (0, 1, 2**40)
        for part in (0, 1)
        for name in ("init", "batch")
    ]
    assert len({float(torch.rand(1, generator=g).double()) for g in generators}) == 12


def test_another_process_gives_the_same_numbers():
    # Python salts hash() of a text in every process; a stream must not depend on it.
    code = (
        "from playground.core.random_streams import Streams;"
        "print(Streams(5).child('fold', 2).numpy('data').integers(2**62))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert int(printed) == Streams(5).child("fold", 2).numpy("data").integers(2**62)


def test_numpy_integers_are_seeds_and_equal_streams_are_equal():
    assert Streams(np.int64(5)) == Streams(5)
    assert type(Streams(np.int64(5)).seed) is int


@pytest.mark.parametrize("seed", [-1, 2**63, 1.0, True, "1", None])
def test_other_seeds_are_refused_with_a_sentence(seed):
    with pytest.raises(ValueError, match=r"^The seed must be a whole number from 0 to 9223\d+, "):
        Streams(seed)


def test_other_indices_are_refused_with_a_sentence():
    with pytest.raises(ValueError, match="index of a child stream"):
        Streams(0).child("fold", -1)
