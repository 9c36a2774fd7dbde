"""What can be done in the laboratory besides the mouse, as data for menus and the F1 sheet."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from playground.ui.actions import ActionSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.panes.cnn.convolution_lab import ConvolutionLab

MENU: Final = ("Pane",)
KERNEL_MENU: Final = ("Pane", "Kernel")
VIEW_MENU: Final = ("Pane", "Show")
PRESET_MENU: Final = ("Pane", "Set-ups")
VIEWS: Final = (
    ("window", "Arithmetic", "Window, products and sum of one pixel.", "grid-3x3", "A"),
    ("pooling", "Pooling", "The windows of pooling and their winners.", "minimize-2", "P"),
    ("borders", "Borders", "The result under every border.", "square", "B"),
    ("compose", "Two kernels", "Two kernels as one: associative or not.", "layers", "K"),
    ("separate", "Separation", "The kernel as a column times a row.", "git-branch", "S"),
    ("field", "Receptive field", "What a stack of layers sees.", "maximize", "F"),
    ("sizes", "Sizes", "Size of the result, and weights shared or not.", "ruler", "Z"),
)  # fmt: skip


class LabCommands:
    """The actions of the laboratory."""

    def __init__(self, lab: ConvolutionLab) -> None:
        self._lab = lab

    def all(self) -> tuple[ActionSpec, ...]:
        """Return every command of the pane's menu."""
        return (*self._picture(), *self._kernel(), *self._views(), *self._presets())

    def _picture(self) -> tuple[ActionSpec, ...]:
        lab = self._lab
        entries: tuple[tuple[str, str, str, str, str, Callable[[], object]], ...] = (
            ("open_picture", "Open picture…", "Open a picture from a file.", "O", "folder-open",
             lab.opener.ask_file),
            ("paste_picture", "Paste picture", "Take the picture of the clipboard.", "Shift+V",
             "clipboard-paste", lab.opener.paste),
            ("paint", "Paint on the picture", "Take the brush, or put it away.", "D", "paintbrush",
             lab.stage.picture.brush.click),
            ("turn", "Correlation or convolution", "Lay the kernel on as it is, or turned.", "X",
             "refresh-cw", lab.switch_operation),
            ("relu", "ReLU on or off", "Cut negative results off, or keep them.", "U", "activity",
             lab.switch_relu),
        )  # fmt: skip
        return tuple(
            ActionSpec(
                f"convolution.{key}", words, tip, (shortcut,), MENU, icon, run=_ignoring(run)
            )
            for key, words, tip, shortcut, icon, run in entries
        )

    def _kernel(self) -> tuple[ActionSpec, ...]:
        panel = self._lab.stage.kernel
        flip = ActionSpec(
            "convolution.kernel_flip",
            "Flip both ways",
            "Turn the cells of the kernel by 180°.",
            (),
            KERNEL_MENU,
            run=_ignoring(panel.flip),
        )
        copy = ActionSpec(
            "convolution.kernel_copy",
            "Copy cells",
            "Put the kernel on the clipboard as text.",
            (),
            KERNEL_MENU,
            run=_ignoring(panel.copy),
        )
        paste = ActionSpec(
            "convolution.kernel_paste",
            "Paste cells",
            "Take a kernel from the clipboard: rows of numbers.",
            (),
            KERNEL_MENU,
            run=_ignoring(panel.paste),
        )
        tools = tuple(
            ActionSpec(
                f"convolution.kernel_{name}",
                tool.accessibleName().partition(":")[0],
                tool.toolTip(),
                (),
                KERNEL_MENU,
                run=_ignoring(tool.click),
            )
            for name, tool in panel.tools.items()
        )
        return (*tools, flip, copy, paste)

    def _views(self) -> tuple[ActionSpec, ...]:
        return tuple(
            ActionSpec(
                f"convolution.view_{key}",
                words,
                tip,
                (shortcut,),
                VIEW_MENU,
                icon,
                run=functools.partial(self._show, key),
            )
            for key, words, tip, icon, shortcut in VIEWS
        )

    def _presets(self) -> tuple[ActionSpec, ...]:
        return tuple(
            ActionSpec(
                f"convolution.preset_{name}",
                preset.label,
                preset.help,
                (),
                PRESET_MENU,
                run=functools.partial(self._apply, name),
            )
            for name, preset in self._lab.presets().items()
        )

    def _show(self, key: str, _: bool = False) -> None:
        self._lab.show_view(key)

    def _apply(self, name: str, _: bool = False) -> None:
        self._lab.apply_preset(name)


def _ignoring(run: Callable[[], object]) -> Callable[[bool], object]:
    """Return a command that does not mind whether its action is checked."""

    def command(_: bool = False) -> object:
        return run()

    return command
