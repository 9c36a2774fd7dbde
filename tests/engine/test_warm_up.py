import subprocess
import sys

from playground.engine.warm_up import STAGES


def test_the_stages_load_everything_in_order_and_nothing_is_loaded_before():
    """In a process of its own: here torch has long been imported."""
    code = """
import sys
from playground.engine.runner import Runner
from playground.core.threads import thread_count
from playground.engine.warm_up import STAGES
heavy = ("torch", "sklearn", "scipy", "PySide6")
print([name for name in heavy if name in sys.modules])
for stage in STAGES:
    stage.run()
    print(stage.name, [name for name in ("torch", "sklearn") if name in sys.modules])
import torch
print(torch.get_num_threads() == thread_count())
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert result.stderr == ""
    assert result.stdout.splitlines() == [
        "[]",
        "torch ['torch']",
        "the optimizers of torch ['torch']",
        "scikit-learn ['torch', 'sklearn']",
        "True",
    ]


def test_every_stage_has_a_name_for_the_window():
    assert [stage.name for stage in STAGES] == [
        "torch",
        "the optimizers of torch",
        "scikit-learn",
    ]
