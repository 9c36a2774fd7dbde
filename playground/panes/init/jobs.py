"""Jobs whose code needs torch, named here and imported on the training thread. No Qt."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from playground.experiments.jobs import SlicedJob

if TYPE_CHECKING:
    from collections.abc import Generator

    from playground.experiments.init_spec import InitSpec
    from playground.experiments.jobs import JobProgress

STUDIES = "playground.experiments.init_studies"


class StudyJob(SlicedJob):
    """A study of first weights by the name of its class; options go to its constructor."""

    def __init__(self, name: str, title: str, spec: InitSpec, seed: int, **options: Any) -> None:
        self.title = title
        self._name = name
        self._spec = spec
        self._seed = seed
        self._options = options

    def run(self) -> Generator[JobProgress, None, Any]:
        """Import the study, then do as it does."""
        study = getattr(importlib.import_module(STUDIES), self._name)
        return (yield from study(self._spec, self._seed, **self._options).run())


def matrix_job(spec: InitSpec, seed: int) -> StudyJob:
    """Return the job that measures every scheme under three activations."""
    return StudyJob("InitMatrixJob", "All initialisations", spec, seed)


def race_job(spec: InitSpec, seed: int, epochs: int) -> StudyJob:
    """Return the job that trains the network on the digits from every scheme."""
    return StudyJob("SchemeRaceJob", "All schemes", spec, seed, epochs=epochs)
