"""Options of pyqtgraph that count only before its first widget."""

from __future__ import annotations

import functools

import pyqtgraph as pg


@functools.cache
def configure_pyqtgraph() -> None:
    """Set row-major images and smooth lines, once; every plot calls this before it is built."""
    pg.setConfigOptions(imageAxisOrder="row-major", antialias=True)
