"""Other images for the network: from a folder, or downloaded, with progress and cancel."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from playground.core.downloads import COLLECTIONS, is_complete
from playground.experiments.cnn_data_spec import KIND_LABELS, CnnDataSpec
from playground.experiments.cnn_spec import CnnSpec
from playground.experiments.spec import SpecError, replace_at
from playground.panes.cnn.network_jobs import download_job, read_folder_job
from playground.ui.controls import IconButton
from playground.ui.icons import themed_icon
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.cnn_data_spec import DataKind
    from playground.experiments.jobs import JobProgress
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle

CACHE_NAME = "images"
MEGABYTE = 1e6
FOLDER_TITLES: Final[dict[str, str]] = {
    "mnist": "Folder with the MNIST files",
    "fashion": "Folder with the Fashion-MNIST files",
    "folder": "Folder that holds a folder of images for every class",
}
FROM_FILES: Final = tuple(FOLDER_TITLES)


def cache_folder() -> Path:
    """Return where downloaded images are kept: files that can be fetched again."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation)
    return Path(place) / CACHE_NAME


def downloaded(kind: str) -> Path | None:
    """Return the folder of a collection that was downloaded earlier, unharmed; else None."""
    collection = COLLECTIONS.get(kind)
    if collection is None or not is_complete(collection, cache_folder()):
        return None
    return cache_folder() / collection.folder


def megabytes(kind: str) -> int:
    """Return how much a collection is to download, in MB."""
    return round(sum(file.size for file in COLLECTIONS[kind].files) / MEGABYTE)


class DataTools(QWidget):
    """The row below the data's knobs: a menu of other images, progress, and a sentence."""

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self._handle: JobHandle | None = None
        self._wanted = ""
        self._note = ""
        self.button = QPushButton(" Other images…")
        self.button.setToolTip("MNIST, Fashion-MNIST, or a folder of your own images")
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        themed_icon(self.button, "image")
        self.choose = QPushButton("Folder…")
        self.fetch = QPushButton("Download")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.cancel_button = IconButton("x", "Cancel", size=14)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setProperty("role", "muted")
        self._lay_out()
        self.button.clicked.connect(self._open_menu)
        self.choose.clicked.connect(lambda: self.ask_folder(self._wanted))
        self.fetch.clicked.connect(lambda: self.download(self._wanted))
        self.cancel_button.clicked.connect(self.cancel)

    @property
    def running(self) -> bool:
        """Whether something is being fetched or read."""
        return self._handle is not None and self._handle.running

    def take_kind(self, kind: DataKind) -> bool:
        """Switch to data that may need files; tell whether they are there already."""
        folder = downloaded(kind)
        if folder is not None:
            return self.open_data(kind, folder)
        self._wanted = kind
        self.fetch.setVisible(kind in COLLECTIONS)
        if kind in COLLECTIONS:
            self.fetch.setText("Download")
            self.fetch.setToolTip(f"Fetch {megabytes(kind)} MB into the cache of this program")
            name = COLLECTIONS[kind].title
            words = f"{name} needs its files: name their folder, or download {megabytes(kind)} MB."
        else:
            words = "Name the folder that holds a folder of images for every class."
        self._say(words, asking=True)
        return False

    def ask_folder(self, kind: str) -> None:
        """Let the person choose a folder for a kind of data."""
        path = QFileDialog.getExistingDirectory(self.window(), FOLDER_TITLES[kind])
        if path:
            self.open_data(kind, Path(path))

    def open_data(self, kind: str, folder: Path) -> bool:
        """Start a new run on the data of a folder; tell whether the network fits them."""
        spec = self._channel.spec
        if not isinstance(spec, CnnSpec):
            return False
        changes = {"kind": kind, "path": str(folder)}
        try:
            data = CnnDataSpec.model_validate({**spec.data.model_dump(), **changes})
            changed = replace_at(spec, ("data",), data)
        except (SpecError, ValueError) as error:
            self._channel.problem.emit(_first_line(error), "")
            return False
        if kind == "folder":
            self._start(read_folder_job(data), lambda note: self._on_read(changed, note))
        else:
            self._open(changed)
        return True

    def download(self, kind: str) -> None:
        """Fetch a collection in the background, then start a run on it."""
        if not self.running:
            self._start(
                download_job(kind, cache_folder()),
                lambda folder: self.open_data(kind, Path(folder)),
            )

    def cancel(self) -> None:
        """Stop what is under way; nothing of it is kept."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle = None
        self._say("Cancelled; nothing was kept.")

    def show_note(self, note: str) -> None:
        """Say what was left out of other data, unless there is something more urgent."""
        if note == self._note or self.running or self._wanted:
            return
        self._note = note
        self._say(note)

    def _start(self, job: Any, done: Any) -> None:
        self._wanted = ""
        self._say(f"{job.title}…")
        self._handle = self._channel.start_job(
            job,
            on_progress=self._on_progress,
            on_done=functools.partial(self._on_done, done),
            on_failed=self._on_failed,
        )
        self.progress.setValue(0)
        self._show_progress(True)

    def _open(self, spec: CnnSpec) -> None:
        self._wanted = ""
        self._say("")
        frame = self._channel.last_frame
        seed = frame.seed if frame is not None else 0
        self._channel.open(spec, seed, KIND_LABELS[spec.data.kind])

    def _on_progress(self, progress: JobProgress) -> None:
        self.progress.setValue(round(1000 * progress.fraction))
        if progress.message:
            self.words.setText(progress.message)

    def _on_done(self, done: Any, result: Any) -> None:
        self._handle = None
        self._say("")
        done(result)

    def _on_read(self, spec: CnnSpec, note: str) -> None:
        self._open(spec)
        self._say(note)

    def _on_failed(self, sentence: str) -> None:
        self._handle = None
        self._say(sentence)
        self.words.setProperty("role", "bad")
        self.words.style().polish(self.words)

    def _say(self, sentence: str, *, asking: bool = False) -> None:
        if not asking:
            self._wanted = ""
        if self.words.property("role") != "muted":
            self.words.setProperty("role", "muted")
            self.words.style().polish(self.words)
        self.words.setText(sentence)
        self.words.setVisible(bool(sentence))
        self._asking.setVisible(asking)
        self._show_progress(False)

    def _show_progress(self, shown: bool) -> None:
        self._under_way.setVisible(shown)
        self.button.setVisible(not shown)

    def _open_menu(self) -> None:
        menu = QMenu(self)
        for kind in FROM_FILES:
            name = KIND_LABELS[kind]
            words = "Images in class folders…" if kind == "folder" else f"{name} from a folder…"
            menu.addAction(words).triggered.connect(functools.partial(self._on_folder, kind))
        menu.addSeparator()
        for kind, collection in COLLECTIONS.items():
            there = downloaded(kind) is not None
            words = collection.title if there else f"Download {collection.title}"
            size = "already here" if there else f"{megabytes(kind)} MB"
            action = menu.addAction(f"{words} ({size})")
            action.triggered.connect(functools.partial(self._on_download, kind))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.button.mapToGlobal(self.button.rect().bottomLeft()))

    def _on_folder(self, kind: str, _: bool = False) -> None:
        self.ask_folder(kind)

    def _on_download(self, kind: str, _: bool = False) -> None:
        folder = downloaded(kind)
        if folder is None:
            self.download(kind)
        else:
            self.open_data(kind, folder)

    def _lay_out(self) -> None:
        self._asking = QWidget()
        asking = QHBoxLayout(self._asking)
        asking.setContentsMargins(0, 0, 0, 0)
        for button in (self.choose, self.fetch):
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            asking.addWidget(button, 1)
        self._under_way = QWidget()
        under_way = QHBoxLayout(self._under_way)
        under_way.setContentsMargins(0, 0, 0, 0)
        under_way.addWidget(self.progress, 1)
        under_way.addWidget(self.cancel_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.words, self._asking, self._under_way, self.button):
            self._column.addWidget(widget)
        self._say("")
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
