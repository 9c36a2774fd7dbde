"""Is there OpenGL? Asked once, in a way that cannot end the program."""

from __future__ import annotations

import functools
import logging

from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext

log = logging.getLogger(__name__)

WITHOUT_CONTEXTS = ("offscreen", "minimal", "vnc", "linuxfb")
OLDEST = (2, 1)
"""pyqtgraph's shaders and buffers need OpenGL 2.1, or OpenGL ES 2.0."""
OLDEST_ES = (2, 0)


@functools.cache
def opengl_problem() -> str:
    """Return why no surface can be drawn in three dimensions, in one sentence; empty if it can."""
    platform = QGuiApplication.platformName()
    if platform in WITHOUT_CONTEXTS:
        # Making a context there fails at best; the map does not need one.
        return f"There is no OpenGL on the “{platform}” platform; the map shows the same race."
    try:
        # Fails where the system has no OpenGL library at all.
        import pyqtgraph.opengl  # noqa: F401
    except Exception as error:
        log.info("OpenGL cannot be used: %s", error)
        return "OpenGL is not installed on this computer; the map shows the same race."
    return _context_problem()


def _context_problem() -> str:
    context = QOpenGLContext()
    if not context.create():
        return "This display offers no OpenGL; the map shows the same race."
    surface = QOffscreenSurface()
    surface.setFormat(context.format())
    surface.create()
    if not surface.isValid() or not context.makeCurrent(surface):
        return "OpenGL cannot draw on this display; the map shows the same race."
    version = context.format().version()
    oldest = OLDEST_ES if context.isOpenGLES() else OLDEST
    context.doneCurrent()
    if version < oldest:
        found, needed = (f"{major}.{minor}" for major, minor in (version, oldest))
        return f"OpenGL {found} is too old for this view ({needed} is needed); the map stays."
    return ""
