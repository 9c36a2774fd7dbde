"""Files of weights, read and written on the training thread: only there torch is at home. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.experiments.base import EditError
from playground.experiments.jobs import JobError, JobProgress, SlicedJob
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from playground.engine.runfile import RunDocument
    from playground.experiments.cnn import CnnExperiment
    from playground.experiments.cnn_edits import LoadWeights
    from playground.experiments.cnn_snapshot import NetworkState
    from playground.experiments.cnn_spec import CnnSpec

STEPS_A_SLICE = 4


class LoadWeightsJob(SlicedJob):
    """Read a file of weights for a network; the result is the edit that takes them over.

    Parameters
    ----------
    path
        A checkpoint of the course's form, or a plain ``state_dict``.
    spec, classes
        The network that is to have them.
    """

    def __init__(self, path: Path, spec: CnnSpec, classes: int) -> None:
        self.title = f"Reading {path.name}"
        self._path = path
        self._spec = spec
        self._classes = classes

    def run(self) -> Generator[JobProgress, None, LoadWeights]:
        """Return the edit; raise :class:`JobError` with what does not match."""
        from playground.core.model_files import ModelFileError, load_checkpoint, matched
        from playground.experiments.cnn_edits import LoadWeights, pack_arrays
        from playground.experiments.cnn_network import arrays_of, network_of

        yield JobProgress(0.1, f"reading {self._path.name}")
        try:
            checkpoint = load_checkpoint(self._path)
            network = network_of(self._spec, self._classes, 0)
            network.load_state_dict(matched(checkpoint.model, network.state_dict()))
            yield JobProgress(0.6, "taking the weights over")
            return LoadWeights(packed=pack_arrays(arrays_of(network)), name=self._path.name[:200])
        except (ModelFileError, EditError, SpecError) as error:
            raise JobError(str(error)) from None


class SaveStateDictJob(SlicedJob):
    """Write the weights of a network as a plain ``state_dict``; the result is the path."""

    def __init__(self, path: Path, state: NetworkState) -> None:
        self.title = f"Writing {path.name}"
        self._path = path
        self._state = state

    def run(self) -> Generator[JobProgress, None, Path]:
        """Write the file whole or not at all."""
        import io

        import torch

        from playground.core.atomic_files import SaveError, write_atomically
        from playground.experiments.cnn_network import network_from

        yield JobProgress(0.2, f"writing {self._path.name}")
        buffer = io.BytesIO()
        torch.save(network_from(self._state).state_dict(), buffer)
        try:
            write_atomically(self._path, buffer.getvalue())
        except SaveError as error:
            raise JobError(str(error)) from None
        return self._path


class SaveCheckpointJob(SlicedJob):
    """Write epoch, model, optimizer and loss of a run at a step; the result is the path.

    What the optimizer remembers is nowhere but in the run itself, so the run is repeated up to the
    step from its seed and edits, which gives the same numbers bit for bit.
    """

    def __init__(self, path: Path, document: RunDocument) -> None:
        self.title = f"Writing {path.name}"
        self._path = path
        self._document = document

    def run(self) -> Generator[JobProgress, None, Path]:
        """Repeat the run, then write the file whole or not at all."""
        from playground.core.atomic_files import SaveError
        from playground.core.model_files import Checkpoint, save_checkpoint
        from playground.experiments.cnn import CnnExperiment

        document = self._document
        try:
            spec = document.typed_spec(CnnExperiment)
            edits = document.typed_edits(CnnExperiment)
            experiment = CnnExperiment(spec, document.seed)
            for at, edit in edits:
                if at > document.step:
                    break
                yield from self._advance(experiment, at)
                experiment.apply(edit)
            yield from self._advance(experiment, document.step)
        except (SpecError, EditError) as error:
            raise JobError(str(error)) from None
        snapshot = experiment.snapshot(frozenset())
        checkpoint = Checkpoint(
            model=dict(experiment.network.state_dict()),
            epoch=snapshot.epoch,
            optimizer=experiment.optimizer.state_dict(),
            loss=snapshot.loss if snapshot.step else snapshot.test_loss,
        )
        try:
            save_checkpoint(self._path, checkpoint)
        except SaveError as error:
            raise JobError(str(error)) from None
        return self._path

    def _advance(self, experiment: CnnExperiment, step: int) -> Generator[JobProgress, None, None]:
        whole = max(1, self._document.step)
        while experiment.step_index < step:
            share = experiment.step_index / whole
            yield JobProgress(share, f"repeating batch {experiment.step_index:,} of {whole:,}")
            if not experiment.advance(min(STEPS_A_SLICE, step - experiment.step_index)):
                return
