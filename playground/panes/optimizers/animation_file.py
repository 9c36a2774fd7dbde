"""Pictures into an animated GIF, on a thread of its own. No Qt."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from playground.core.atomic_files import SaveError, write_atomically
from playground.experiments.jobs import BlockingJob, JobError, Reporter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from PIL.Image import Image

COLOURS = 192
"""Of the 256 that a GIF may have: as good to the eye, and smaller."""


class WriteGif(BlockingJob):
    """Encode pictures as a GIF that repeats for ever, and write it.

    Parameters
    ----------
    path
        Where to.
    pictures
        (rows, columns) and RGB bytes of every picture, all of one size.
    milliseconds
        How long each is shown; GIF counts in hundredths of a second.
    accents
        RGB colours that must be kept although they cover few pixels.
    """

    title = "animation"

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        pictures: Sequence[bytes],
        milliseconds: Sequence[int],
        accents: Sequence[tuple[int, int, int]] = (),
    ) -> None:
        self._path, self._size = path, size
        self._pictures, self._milliseconds = pictures, milliseconds
        self._accents = tuple(dict.fromkeys(accents))[: COLOURS // 2]

    def run(self, report: Reporter) -> Path:
        """Return where the file is.

        Raises
        ------
        JobError
            Where there is nothing to write, or the file could not be written.
        """
        if not self._pictures:
            raise JobError("There is nothing to animate yet; let the race run for some rounds.")
        frames = self._frames(report)
        first = next(frames)
        buffer = io.BytesIO()
        first.save(
            buffer,
            format="GIF",
            save_all=True,
            append_images=frames,
            duration=list(self._milliseconds),
            loop=0,
            # Every picture stays until the next one covers it.
            disposal=1,
        )
        report(1.0, "writing the file")
        try:
            write_atomically(self._path, buffer.getvalue())
        except SaveError as error:
            raise JobError(str(error)) from None
        return self._path

    def _frames(self, report: Reporter) -> Iterator[Image]:
        """Yield the pictures with one palette for all, so that colours do not flicker."""
        # Imported on this thread: the window does not wait for it.
        from PIL import Image

        pictures = [Image.frombytes("RGB", self._size, data) for data in self._pictures]
        # Thin lines would lose their colours to the large ground: theirs are set, not counted.
        room = COLOURS - len(self._accents)
        ground = pictures[0].quantize(colors=room, method=Image.Quantize.MEDIANCUT)
        counted = (ground.getpalette() or [])[: 3 * room]
        palette = Image.new("P", (1, 1))
        palette.putpalette([*counted, *(part for accent in self._accents for part in accent)])
        for index, picture in enumerate(pictures):
            report(index / len(pictures), f"picture {index + 1:,} of {len(pictures):,}")
            yield picture.quantize(palette=palette, dither=Image.Dither.NONE)
