"""Making the networks that the program brings along.

    python -m playground.experiments.bundled_training FOLDER OUT

trains the course's CNN and MLP with the program's own experiment on the digits of MNIST, whose IDX
files lie in FOLDER (the two of t10k suffice: 8,000 of the 10,000 are learnt from, 2,000 are tested
on), and writes one file each to OUT. The files in ``assets/networks`` were made by it.
"""

from __future__ import annotations

import argparse
import io
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from playground.core.atomic_files import SaveError, write_atomically
from playground.experiments.bundled_networks import (
    BUNDLED_LABELS,
    BundledCheckpoint,
    BundledName,
    as_kept,
    packed_run,
)
from playground.experiments.cnn import CnnExperiment
from playground.experiments.cnn_block_spec import course_cnn, course_mlp
from playground.experiments.cnn_data import load_data
from playground.experiments.cnn_data_spec import CnnDataSpec
from playground.experiments.cnn_evaluation import evaluate
from playground.experiments.cnn_network import arrays_of, network_from
from playground.experiments.cnn_snapshot import NetworkState
from playground.experiments.cnn_spec import CnnSpec, CnnTrainingSpec
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED: Final = 0
STEPS: Final[dict[BundledName, tuple[int, ...]]] = {
    "cnn-mnist": (0, 5, 15, 30, 60, 125, 190, 250, 375, 500, 750, 1250),
    "mlp-mnist": (0, 5, 15, 30, 60, 125, 250, 375, 625, 1250),
}
"""From noise to trained: close together at first, where most happens; 125 are an epoch."""


def run_of(name: BundledName, folder: str, epochs: int = 10) -> CnnSpec:
    """Return the course's run of a bundled network: Adam, learning rate 0.001, batches of 64."""
    return CnnSpec(
        data=CnnDataSpec(kind="mnist", path=folder, training=8000, test=2000),
        blocks=course_cnn() if name == "cnn-mnist" else course_mlp(),
        training=CnnTrainingSpec(optimizer="adam", rate=1e-3, batch_size=64, epochs=epochs),
    )


def train(spec: CnnSpec, seed: int, steps: Sequence[int]) -> tuple[BundledCheckpoint, ...]:
    """Return the checkpoints of a run after so many batches each, as they will be kept.

    Raises
    ------
    SpecError
        Where there are no images.
    """
    experiment = CnnExperiment(spec, seed)
    data = load_data(spec.data, seed)
    batches = math.ceil(len(data.train_y) / spec.training.batch_size)
    testing = experiment.steps_to_mark() - batches
    found = []
    for step in steps:
        # At the end of an epoch the test takes steps of its own, which do not count here.
        tests = max(0, step - 1) // batches
        experiment.advance(step + tests * testing - experiment.step_index)
        arrays = as_kept(arrays_of(experiment.network))
        kept = network_from(
            NetworkState(spec.blocks, spec.data.image_shape, data.class_names, arrays)
        )
        scores = evaluate(kept, data.test_x, data.test_y, 0)
        found.append(
            BundledCheckpoint(
                step,
                step / batches,
                scores.loss,
                scores.accuracy,
                arrays,
            )
        )
    return tuple(found)


def write_network(path: Path, spec: CnnSpec, checkpoints: Sequence[BundledCheckpoint]) -> None:
    """Write the file of a bundled network.

    Raises
    ------
    SaveError
        Where it cannot be written.
    """
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **packed_run(spec, SEED, checkpoints))  # type: ignore[arg-type]
    write_atomically(path, buffer.getvalue())


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write both networks; return 0, or 2 where something is missing."""
    parser = argparse.ArgumentParser(description="Train the networks that the program brings.")
    parser.add_argument("folder", help="holds the IDX files of MNIST")
    parser.add_argument("out", type=Path, help="where the files go")
    given = parser.parse_args(arguments)
    # Another number of threads rounds otherwise: the files would not come out the same.
    torch.set_num_threads(1)
    for name in BUNDLED_LABELS:
        spec = run_of(name, given.folder)
        try:
            checkpoints = train(spec, SEED, STEPS[name])
            given.out.mkdir(parents=True, exist_ok=True)
            write_network(given.out / f"{name}.npz", spec, checkpoints)
        except (SpecError, SaveError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            return 2
        for each in checkpoints:
            sys.stdout.write(
                f"{name}: step {each.step:,}, test accuracy {100 * each.test_accuracy:.2f} %\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
