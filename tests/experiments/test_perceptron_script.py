import re
import subprocess
import sys

import pytest

from playground.core.points import PointSet
from playground.experiments.perceptron import PerceptronExperiment
from playground.experiments.perceptron_script import (
    POINTS_FILE,
    ScriptError,
    as_torch_script,
    needs_points_file,
    points_csv,
)
from playground.experiments.perceptron_spec import (
    DataSpec,
    LearnerSpec,
    PerceptronSpec,
    StartSpec,
    StopSpec,
)

OVERLAP = DataSpec.of_preset("overlap", count=40)
CASES = {
    "course demo": PerceptronSpec(data=DataSpec.of_preset("demo")),
    "perceptron": PerceptronSpec(),
    "perceptron, standardised, random start, shuffled": PerceptronSpec(
        standardise=True, start=StartSpec(weights="random"), shuffle=True
    ),
    "perceptron in mini-batches until accurate": PerceptronSpec(
        data=OVERLAP,
        learners=(LearnerSpec(schedule="mini-batch", batch_size=7),),
        stop=StopSpec(when="metric", metric="recall", target=0.8, epochs=20),
    ),
    "Adaline, batch": PerceptronSpec(
        data=OVERLAP,
        learners=(LearnerSpec(kind="adaline", schedule="batch", rate=0.2),),
        stop=StopSpec(when="epochs", epochs=50),
    ),
    "Adaline until its error is small": PerceptronSpec(
        data=OVERLAP,
        learners=(LearnerSpec(kind="adaline"),),
        standardise=True,
        stop=StopSpec(when="error", error_limit=0.24, epochs=10),
    ),
    "logistic, shuffled, with validation": PerceptronSpec(
        data=DataSpec.of_preset("overlap", count=60, split="60/20/20"),
        learners=(LearnerSpec(), LearnerSpec(kind="logistic", rate=0.5)),
        shuffle=True,
        standardise=True,
        stop=StopSpec(
            when="metric", measured_on="validation", metric="error_rate", target=0.1, epochs=6
        ),
    ),
    "logistic, parallel, from a file": PerceptronSpec(
        data=DataSpec.of_preset("overlap", count=700, split="80/10/10"),
        learners=(LearnerSpec(kind="logistic", schedule="parallel", rate=1.0),),
        shuffle=True,
        stop=StopSpec(when="epochs", epochs=15),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_script_repeats_the_run(case, tmp_path):
    spec, seed = CASES[case], 11
    index = len(spec.learners) - 1
    experiment = PerceptronExperiment(spec, seed)
    experiment.advance(10**6)
    shown = experiment.snapshot(frozenset())
    view = shown.learner(index)
    script = as_torch_script(spec, seed, shown.points, index)
    assert "playground" not in script
    path = tmp_path / "run.py"
    path.write_text(script, encoding="utf-8")
    if needs_points_file(shown.points):
        (tmp_path / POINTS_FILE).write_text(points_csv(spec, shown.points), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    epochs, *line = re.findall(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?=[:,\n])", done.stdout)
    assert int(epochs) == view.epochs_done
    assert [float(value) for value in line] == pytest.approx(view.line, rel=1e-7)


def test_scripts_are_short():
    shown = PerceptronExperiment(CASES["course demo"], 0).snapshot(frozenset())
    assert len(as_torch_script(CASES["course demo"], 0, shown.points, 0).splitlines()) < 60


@pytest.mark.parametrize(
    ("spec", "learner", "sentence"),
    [
        (PerceptronSpec(learners=(LearnerSpec(kind="pocket"),)), 0, "logistic neuron only"),
        (PerceptronSpec(), 3, "no model number 4"),
        (
            PerceptronSpec(stop=StopSpec(when="metric", measured_on="validation")),
            0,
            "validation points",
        ),
    ],
)
def test_what_has_no_script_is_said(spec, learner, sentence):
    points = PerceptronExperiment(spec, 0).snapshot(frozenset()).points
    with pytest.raises(ScriptError, match=sentence):
        as_torch_script(spec, 0, points, learner)


def test_without_points_there_is_no_script():
    with pytest.raises(ScriptError, match="No points yet"):
        as_torch_script(PerceptronSpec(), 0, PointSet.empty(), 0)
