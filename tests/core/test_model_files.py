from __future__ import annotations

import os
import pickle

import pytest
import torch
from torch import nn

from playground.core import model_files
from playground.core.atomic_files import SaveError
from playground.core.model_files import (
    Checkpoint,
    ModelFileError,
    load_checkpoint,
    matched,
    save_checkpoint,
)


def network(filters=4):
    return nn.Sequential(
        nn.Conv2d(1, filters, 3),
        nn.BatchNorm2d(filters),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(filters * 36, 10),
    )


class TheirNetwork(nn.Module):
    """The same layers under other names."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.out = nn.Linear(144, 10)


@pytest.fixture(scope="module")
def trained():
    module = network()
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-2)
    loss = module(torch.randn(8, 1, 8, 8)).square().mean()
    loss.backward()
    optimizer.step()
    return module, optimizer


def test_checkpoint_of_the_course_and_back(trained, tmp_path):
    module, optimizer = trained
    file = tmp_path / "run.pt"
    save_checkpoint(file, Checkpoint(module.state_dict(), 3, optimizer.state_dict(), 0.25))
    # The course's own program reads it.
    plain = torch.load(file, weights_only=True)
    assert sorted(plain) == ["epoch", "loss", "model", "optimizer"]
    found = load_checkpoint(file)
    assert (found.epoch, found.loss) == (3, 0.25)
    again = torch.optim.Adam(network().parameters())
    again.load_state_dict(found.optimizer)
    for name, tensor in matched(found.model, network().state_dict()).items():
        assert torch.equal(tensor, module.state_dict()[name])


@pytest.mark.parametrize("key", ["model", "model_state_dict", "state_dict"])
def test_course_program_writes_what_is_read(trained, tmp_path, key):
    module, optimizer = trained
    content = {
        "epoch": 7,
        key: module.state_dict(),
        "optimizer_state_dict": optimizer.state_dict(),
        "loss": torch.tensor(0.5),
    }
    torch.save(content, tmp_path / "theirs.pth")
    found = load_checkpoint(tmp_path / "theirs.pth")
    assert (found.epoch, found.loss) == (7, 0.5)
    assert found.optimizer is not None
    assert found.model.keys() == module.state_dict().keys()


def test_plain_state_dict_and_parallel_prefix(trained, tmp_path):
    module, _ = trained
    state = {f"module.{name}": tensor for name, tensor in module.state_dict().items()}
    torch.save(state, tmp_path / "plain.pt")
    found = load_checkpoint(tmp_path / "plain.pt")
    assert (found.epoch, found.optimizer, found.loss) == (None, None, None)
    assert found.model.keys() == module.state_dict().keys()


def test_other_names_are_taken_in_order(trained):
    module, _ = trained
    theirs = TheirNetwork().state_dict()
    found = matched(theirs, module.state_dict())
    assert found.keys() == module.state_dict().keys()
    assert torch.equal(found["4.bias"], theirs["out.bias"])
    without = {name: part for name, part in theirs.items() if "tracked" not in name}
    assert torch.equal(matched(without, module.state_dict())["4.bias"], theirs["out.bias"])


def test_numbers_are_brought_to_the_type_of_the_network(trained):
    module, _ = trained
    halves = {name: tensor.half() for name, tensor in module.state_dict().items()}
    found = matched(halves, module.state_dict())
    assert found["0.weight"].dtype == torch.float32


def test_mismatch_names_layer_and_shapes():
    with pytest.raises(ModelFileError, match=r"“0.weight”.*4×1×3×3.*6×1×3×3"):
        matched(network(6).state_dict(), network(4).state_dict())
    theirs = dict(TheirNetwork().state_dict())
    with pytest.raises(ModelFileError, match=r"“0.weight”.*6×1×3×3.*“first.weight”.*4×1×3×3"):
        matched(theirs, network(6).state_dict())
    shorter = {name: tensor for name, tensor in theirs.items() if not name.startswith("out")}
    with pytest.raises(ModelFileError, match=r"“4.weight” of the network \(10×144\) is not"):
        matched(shorter, network().state_dict())
    longer = {**theirs, "more.weight": torch.zeros(2, 10)}
    with pytest.raises(ModelFileError, match=r"“more.weight” of the file \(2×10\) is not in"):
        matched(longer, network().state_dict())


def test_numbers_that_are_none_are_refused():
    state = network().state_dict()
    state["4.bias"][2] = float("nan")
    with pytest.raises(ModelFileError, match=r"“4.bias”.*not finite"):
        matched(state, network().state_dict())


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(
    "write", [torch.save, lambda what, path: path.write_bytes(pickle.dumps(what))]
)
def test_hostile_file_runs_nothing(tmp_path, write):
    trap = tmp_path / "trap"
    write({"model": Bomb(trap)}, tmp_path / "bad.pt")
    with pytest.raises(ModelFileError, match=r"not opened|damaged"):
        load_checkpoint(tmp_path / "bad.pt")
    assert not trap.exists()


def test_whole_module_is_refused_with_advice(tmp_path):
    torch.save(network(), tmp_path / "module.pt")
    with pytest.raises(ModelFileError, match="Save the state_dict of the module"):
        load_checkpoint(tmp_path / "module.pt")


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 half a zip", b"\x80\x02."])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "other.pt").write_bytes(content)
    with pytest.raises(ModelFileError, match=r"other.pt is damaged"):
        load_checkpoint(tmp_path / "other.pt")


def test_cut_file_is_refused(trained, tmp_path):
    file = tmp_path / "cut.pt"
    torch.save(trained[0].state_dict(), file)
    file.write_bytes(file.read_bytes()[:-300])
    with pytest.raises(ModelFileError, match="damaged"):
        load_checkpoint(file)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (torch.zeros(3), "one tensor without a name"),
        ([torch.zeros(3)], "a list"),
        ({}, "no weights at all"),
        ({"a": 1.0}, "“a” is of the kind float"),
        ({1: torch.zeros(2)}, "“1” is one tensor"),
        ({"model": {}}, "no weights at all"),
    ],
)
def test_files_without_weights_by_name(tmp_path, content, said):
    torch.save(content, tmp_path / "odd.pt")
    with pytest.raises(ModelFileError, match=said):
        load_checkpoint(tmp_path / "odd.pt")


def test_missing_and_too_large_files(trained, tmp_path, monkeypatch):
    with pytest.raises(ModelFileError, match=r"absent.pt cannot be read"):
        load_checkpoint(tmp_path / "absent.pt")
    torch.save(trained[0].state_dict(), tmp_path / "big.pt")
    monkeypatch.setattr(model_files, "MAX_BYTES", 10)
    with pytest.raises(ModelFileError, match="up to 1 GB"):
        load_checkpoint(tmp_path / "big.pt")


def test_saving_where_nothing_can_be_saved(trained, tmp_path):
    with pytest.raises(SaveError):
        save_checkpoint(tmp_path / "absent" / "run.pt", Checkpoint(trained[0].state_dict()))
