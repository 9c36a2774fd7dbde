"""Named random streams that all grow from one seed.

A run has one seed and needs several independent sources of chance: the data, the initial
weights, the order of the batches, the policy of an agent. Handing one generator around would make
each of them depend on how much the others have drawn. Here every stream is a child of one
`numpy.random.SeedSequence`, found by its name and not by the order of asking:

    stream(name) = SeedSequence(entropy=seed, spawn_key=(…, crc32(name)))

Source: NumPy reference guide, "Parallel random number generation" (SeedSequence.spawn derives its
children with spawn_key in the same way, numbered instead of named).
"""

from __future__ import annotations

import operator
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

MAX_SEED = 2**63 - 1
_MAX_INDEX = 2**32 - 1
# A last key of its own, so that torch's stream "init" shares no word with numpy's stream "init".
_TORCH_KEY = 1


@dataclass(frozen=True, slots=True)
class Streams:
    """The random streams of one seed; two equal values hand out equal numbers for ever.

    Parameters
    ----------
    seed
        A whole number in 0…2⁶³−1.
    path
        Where in the tree of children this value stands; made by `child`, not by hand.

    Raises
    ------
    ValueError
        When the seed is not such a number; the sentence says what is allowed.
    """

    seed: int
    path: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "seed", _whole_number(self.seed, "seed", MAX_SEED))

    def numpy(self, name: str) -> np.random.Generator:
        """Return a fresh numpy generator at the beginning of the stream called `name`."""
        return np.random.Generator(np.random.PCG64(self._sequence(name)))

    def torch(self, name: str) -> torch.Generator:
        """Return a fresh CPU torch generator at the beginning of the stream called `name`.

        Notes
        -----
        torch's CPU generator reads the low 32 bits of its seed only, so two names meet in the
        same stream with probability 2⁻³².
        """
        # Imported here: torch costs over a second, and most streams never need it.
        import torch

        generator = torch.Generator(device="cpu")
        generator.manual_seed(int(self._sequence(name, _TORCH_KEY).generate_state(1)[0]))
        return generator

    def child(self, name: str, index: int = 0) -> Streams:
        """Return the streams of the `index`-th part called `name`, such as a fold or an episode.

        Parameters
        ----------
        name
            What the parts are.
        index
            Which of them, 0…2³²−1.
        """
        index = _whole_number(index, "index of a child stream", _MAX_INDEX)
        return Streams(self.seed, (*self.path, _key(name), index))

    def _sequence(self, name: str, *more: int) -> np.random.SeedSequence:
        return np.random.SeedSequence(self.seed, spawn_key=(*self.path, _key(name), *more))


def _key(name: str) -> int:
    # crc32 and not hash(): Python salts the hash of a text anew in every process.
    return zlib.crc32(name.encode("utf-8"))


def _whole_number(value: object, what: str, largest: int) -> int:
    """Return `value` as an int in 0…largest; numpy integers pass, bool and float do not."""
    sentence = f"The {what} must be a whole number from 0 to {largest}, but it is {value!r}."
    if isinstance(value, bool):
        raise ValueError(sentence)
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise ValueError(sentence) from None
    if not 0 <= number <= largest:
        raise ValueError(sentence)
    return number
