"""The replay memory: the last transitions of an agent, drawn again and again at random.

Successive transitions look alike; a batch of them drawn from a long past does not. A transition is
(s, a, r, s', ended) and, so that it can be looked at later, the seed of its episode and its step.

Beside the ring from which is drawn, filled blocks of it are kept packed for states of the past. But
for the ends of episodes s' is the s of a few rows later, and the first bytes of all numbers hardly
change: sorted by bytes, those of s beside those of s', a block packs to about a quarter.

Source: Mnih et al. 2015, "Human-level control through deep reinforcement learning", methods.
"""

from __future__ import annotations

import sys
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from playground.agents.base import AgentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK = 1000
"""Transitions to a block. Filled blocks never change, so all states share them."""
MAX_CAPACITY = 1_000_000


class Batch(NamedTuple):
    """Transitions in rows; s is ``obs``, s' is ``next_obs``."""

    obs: NDArray[np.float32]
    actions: NDArray[np.int64]
    rewards: NDArray[np.float32]
    next_obs: NDArray[np.float32]
    terminated: NDArray[np.bool_]
    seeds: NDArray[np.int64]
    """Seed of the episode each row is from."""
    steps: NDArray[np.int64]
    """Which step of its episode it is, 0 for the first."""

    @property
    def size(self) -> int:
        """Number of transitions."""
        return len(self.actions)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Transitions that never change again, packed without loss.

    Parameters
    ----------
    packed
        The planes of :func:`_planes`, deflated.
    size
        Number of transitions.
    observation_size
        Numbers in an observation.
    """

    packed: bytes
    size: int
    observation_size: int

    @classmethod
    def of(cls, rows: Batch) -> Block:
        """Return the block of some transitions."""
        # The fastest level: the slower ones win less than a tenth.
        return cls(zlib.compress(_planes(rows), 1), rows.size, rows.obs.shape[1])

    @property
    def nbytes(self) -> int:
        """Bytes it takes."""
        return sys.getsizeof(self.packed)

    @property
    def rows(self) -> Batch:
        """The transitions, unpacked anew at every call."""
        planes = np.frombuffer(zlib.decompress(self.packed), dtype=np.uint8)
        return _from_planes(planes.reshape(-1, self.size), self.observation_size)


class ReplayState(NamedTuple):
    """State of a memory: packed blocks, which are shared, and the rows after them, copied."""

    total: int
    blocks: tuple[Block, ...]
    tail: Batch


class ReplayMemory:
    """A ring of the last transitions.

    Parameters
    ----------
    capacity
        How many are kept, 1…1,000,000.
    observation_size
        Numbers in an observation.
    """

    def __init__(self, capacity: int, observation_size: int) -> None:
        if not 1 <= capacity <= MAX_CAPACITY:
            raise AgentError(
                f"A replay memory holds 1…{MAX_CAPACITY:,} transitions, not {capacity:,}."
            )
        self.capacity = capacity
        self.total = 0
        """Transitions ever added."""
        self._chunk = min(CHUNK, capacity)
        self._ring = _empty(capacity, observation_size)
        self._blocks: list[Block] = []
        self._first_block = 0

    def __len__(self) -> int:
        return min(self.total, self.capacity)

    def add(self, batch: Batch) -> NDArray[np.int64]:
        """Keep the rows of a batch, the oldest make way; return the places (n,) they went to."""
        places = (self.total + np.arange(batch.size)) % self.capacity
        done = 0
        while done < batch.size:
            # Not beyond the end of a block: the ring may be no longer than one.
            count = min(batch.size - done, self._chunk - self.total % self._chunk)
            part = places[done : done + count]
            self._write(part, batch, slice(done, done + count))
            self.total += count
            done += count
            if self.total % self._chunk == 0:
                self._freeze()
        return places

    def uniform(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return (count,) places drawn evenly, with replacement."""
        return rng.integers(len(self), size=count)

    def rows(self, places: NDArray[np.int64]) -> Batch:
        """Return copies of the transitions in some places."""
        ring = self._ring
        return Batch(
            ring.obs[places],
            ring.actions[places],
            ring.rewards[places],
            ring.next_obs[places],
            ring.terminated[places],
            ring.seeds[places],
            ring.steps[places],
        )

    def ages(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return (n,) how many transitions were added after each of these."""
        return (self.total - 1 - places) % self.capacity

    def state(self) -> ReplayState:
        """Return the filled blocks themselves and a copy of the rows after them."""
        return ReplayState(self.total, self.blocks(), self.tail())

    def blocks(self) -> tuple[Block, ...]:
        """Return the filled blocks that still hold something, the oldest first; not copied."""
        return tuple(self._blocks)

    def tail(self) -> Batch:
        """Return a copy of the rows after the last filled block."""
        start = self.total - self.total % self._chunk
        return self.rows(np.arange(start, self.total) % self.capacity)

    def load_state(self, state: ReplayState) -> None:
        """Fill the ring from a state of a memory of the same capacity."""
        here = self._in_place()
        self._blocks = list(state.blocks)
        self.total = state.total
        self._first_block = state.total // self._chunk - len(state.blocks)
        for number, block in enumerate(state.blocks, self._first_block):
            if here.get(number) is not block:
                self._put(number * self._chunk, block.rows)
        self._put(state.total - state.tail.size, state.tail)

    def _in_place(self) -> dict[int, Block]:
        """Return by number the blocks of which nothing in the ring has been overwritten."""
        oldest = self.total - self.capacity
        numbered = enumerate(self._blocks, self._first_block)
        return {number: block for number, block in numbered if number * self._chunk >= oldest}

    def _put(self, start: int, rows: Batch) -> None:
        # Places of rows that have made way belong to others, which may be there already.
        gone = max(0, self.total - self.capacity - start)
        places = (start + np.arange(gone, rows.size)) % self.capacity
        self._write(places, rows, slice(gone, None))

    def _write(self, places: NDArray[np.int64], rows: Batch, part: slice) -> None:
        pairs: Any = zip(self._ring, rows, strict=True)
        for ring, column in pairs:
            ring[places] = column[part]

    def _freeze(self) -> None:
        rows = self.rows(np.arange(self.total - self._chunk, self.total) % self.capacity)
        self._blocks.append(Block.of(rows))
        # A block that is only partly overwritten is still needed for the rest of it.
        oldest = max(0, self.total - self.capacity)
        while (self._first_block + 1) * self._chunk <= oldest:
            self._blocks.pop(0)
            self._first_block += 1


def _planes(rows: Batch) -> bytes:
    """Return the first bytes of all rows, then the second, and so on; s and s' take turns."""
    following = (_bytes_of(rows.obs), _bytes_of(rows.next_obs))
    # Each world counts its steps, so their differences repeat from round to round.
    steps = np.diff(rows.steps, prepend=0)
    others: Any = (rows.actions, rows.rewards, rows.terminated, rows.seeds, steps)
    columns = [np.stack(following, axis=2).reshape(rows.size, -1), *map(_bytes_of, others)]
    return np.concatenate(columns, axis=1).T.tobytes()


def _from_planes(planes: NDArray[np.uint8], observation_size: int) -> Batch:
    """Return the transitions of planes (bytes of a row, n)."""
    wide = 4 * observation_size
    pairs, others = planes[: 2 * wide], planes[2 * wide :]
    actions, rewards, ended, seeds, steps = np.split(others, (8, 12, 13, 21))
    return Batch(
        _column(pairs[0::2], np.float32).reshape(-1, observation_size),
        _column(actions, np.int64),
        _column(rewards, np.float32),
        _column(pairs[1::2], np.float32).reshape(-1, observation_size),
        _column(ended, np.bool_),
        _column(seeds, np.int64),
        np.cumsum(_column(steps, np.int64)),
    )


def _bytes_of(column: NDArray[Any]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(column).view(np.uint8).reshape(len(column), -1)


def _column(planes: NDArray[np.uint8], dtype: type[Any]) -> NDArray[Any]:
    """Return the numbers of planes (bytes of a row, n), all rows in one row."""
    return np.frombuffer(planes.T.tobytes(), dtype=dtype)


def _empty(count: int, observation_size: int) -> Batch:
    return Batch(
        np.zeros((count, observation_size), dtype=np.float32),
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=np.float32),
        np.zeros((count, observation_size), dtype=np.float32),
        np.zeros(count, dtype=bool),
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
    )
