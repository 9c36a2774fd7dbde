"""Jobs of the network tab whose code needs torch or the network, named here. No Qt."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from playground.experiments.jobs import BlockingJob

if TYPE_CHECKING:
    from pathlib import Path

    from playground.experiments.cnn_data_spec import CnnDataSpec
    from playground.experiments.jobs import Reporter

DATA_MODULE = "playground.experiments.cnn_data"


class _Imported(BlockingJob):
    """A job of the data module, which imports torch: so not before it runs."""

    def __init__(self, name: str, title: str, *arguments: Any) -> None:
        self.title = title
        self._name = name
        self._arguments = arguments

    def run(self, report: Reporter) -> Any:
        """Import the job, then do as it does."""
        job = getattr(importlib.import_module(DATA_MODULE), self._name)
        return job(*self._arguments).run(report)


def download_job(kind: str, cache: Path) -> BlockingJob:
    """Return the job that fetches a collection; its result is the folder as text."""
    return _Imported("DownloadJob", "Downloading images", kind, cache)


def read_folder_job(spec: CnnDataSpec) -> BlockingJob:
    """Return the job that reads a folder of images ahead of a run; its result is a note."""
    return _Imported("ReadFolderJob", "Reading images", spec)
