"""The one style sheet: small, made from tokens and the lecture scale.

Arrows and ticks are files of our own in ``assets/icons/style`` (one set a theme), because a style
sheet on a combo box or spin box switches the native ones off.
"""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from playground.assets_path import asset

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.ui.theme import Tokens

SIZES = (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 16, 18, 20, 24, 28, 30)

_SHEET = Template("""
* { outline: none; }
QToolTip { background: $raised; color: $text; border: 1px solid $control; padding: ${s4}px; }

QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {
  background: $raised; color: $text; border: 1px solid $control; border-radius: ${s6}px;
  padding: 0 ${s8}px; selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QAbstractSpinBox, QComboBox { min-height: ${s28}px; }
QPlainTextEdit, QTextEdit { padding: ${s6}px; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $muted; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
  border-color: $accent;
}
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {
  color: $faint; border-color: $line; background: $panel;
}
QLineEdit[invalid="true"] { border-color: $bad; }
QLineEdit[quiet="true"] {
  background: transparent; border-color: transparent; min-height: ${s20}px; padding: 0;
}
QLineEdit[quiet="true"]:hover { background: $raised; border-color: $control; }
QLineEdit[quiet="true"]:focus { background: $raised; border-color: $accent; }
QLineEdit[quiet="true"][invalid="true"] { background: $raised; border-color: $bad; }

QComboBox { padding-right: ${s2}px; combobox-popup: 0; }
QComboBox::drop-down {
  border: none; width: ${s24}px; subcontrol-origin: padding; subcontrol-position: center right;
}
QComboBox::down-arrow { image: url("$icons-chevron-down.svg"); width: ${s14}px; height: ${s14}px; }
QComboBox::down-arrow:disabled { image: url("$icons-chevron-down-off.svg"); }
QComboBox QAbstractItemView {
  background: $raised; color: $text; border: 1px solid $control; padding: ${s4}px;
  selection-background-color: $hover; selection-color: $text;
}
QComboBox QAbstractItemView::item { min-height: ${s28}px; padding: 0 ${s6}px; }
QComboBox QAbstractItemView::item:selected { background: $hover; color: $text; }
QAbstractSpinBox { padding-right: ${s20}px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
  border: none; width: ${s20}px; background: transparent; subcontrol-origin: border;
}
QAbstractSpinBox::up-button { subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; }
QAbstractSpinBox::up-arrow { image: url("$icons-chevron-up.svg"); width: ${s12}px; }
QAbstractSpinBox::down-arrow { image: url("$icons-chevron-down.svg"); width: ${s12}px; }

QPushButton {
  background: $raised; color: $text; border: 1px solid $control; border-radius: ${s6}px;
  padding: 0 ${s14}px; min-height: ${s28}px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $line; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $faint; border-color: $line; background: transparent; }
QPushButton[primary="true"] {
  background: $accent; color: $on_accent; border-color: $accent; font-weight: 600;
}
QPushButton[primary="true"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[primary="true"]:focus { border: 2px solid $text; }
QPushButton[primary="true"]:disabled { background: $line; color: $faint; border-color: $line; }
QPushButton[flat="true"] { background: transparent; border-color: transparent; }
QPushButton[flat="true"]:hover { background: $hover; }
QPushButton[flat="true"]:focus { border-color: $accent; }

QToolButton {
  background: transparent; color: $text; border: 1px solid transparent;
  border-radius: ${s6}px; padding: ${s4}px;
}
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $line; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $faint; }
QToolButton[primary="true"] { background: $accent; border-radius: ${s10}px; padding: ${s9}px; }
QToolButton[primary="true"]:hover { background: $accent_hover; }
QToolButton[primary="true"]:focus { border: 2px solid $text; padding: ${s8}px; }
QToolButton[primary="true"]:disabled { background: $line; }
QToolButton::menu-indicator { image: none; width: 0; }

QCheckBox, QRadioButton { spacing: ${s8}px; }
QCheckBox::indicator, QRadioButton::indicator {
  width: ${s16}px; height: ${s16}px; border: 1px solid $control; background: $raised;
}
QCheckBox::indicator { border-radius: ${s4}px; }
QRadioButton::indicator { border-radius: ${half_indicator}px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $muted; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked {
  background: $accent; border-color: $accent; image: url("$icons-check.svg");
}
QRadioButton::indicator:checked {
  background: $accent; border-color: $accent; image: url("$icons-dot.svg");
}

QSlider { min-height: ${s20}px; min-width: ${s20}px; }
QSlider::groove:horizontal {
  height: ${s4}px; border-radius: ${half_groove}px; background: $control;
}
QSlider::sub-page:horizontal { background: $accent; border-radius: ${half_groove}px; }
QSlider::handle:horizontal {
  width: ${s12}px; height: ${s12}px; margin: -${s5}px 0; border-radius: ${half_handle}px;
  background: $handle; border: 1px solid $handle;
}
QSlider::handle:horizontal:hover { background: $accent; border-color: $accent; }
QSlider::handle:horizontal:focus { border: 2px solid $accent; }
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled {
  background: $faint; border-color: $faint;
}

QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: ${s10}px; }
QScrollBar:horizontal { height: ${s10}px; }
QScrollBar::handle { background: $control; border-radius: ${half_scroll}px; margin: ${s2}px; }
QScrollBar::handle:vertical { min-height: ${s28}px; }
QScrollBar::handle:horizontal { min-width: ${s28}px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }
QScrollArea { background: transparent; border: none; }

QMenuBar { background: $panel; color: $text; }
QMenuBar::item { padding: ${s4}px ${s10}px; background: transparent; border-radius: ${s4}px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; color: $text; border: 1px solid $control; padding: ${s4}px; }
QMenu::item { padding: ${s5}px ${s24}px ${s5}px ${s10}px; border-radius: ${s4}px; }
QMenu::item:selected { background: $hover; }
QMenu::item:disabled { color: $faint; }
QMenu::icon { padding-left: ${s8}px; }
QMenu::separator { height: 1px; background: $line; margin: ${s4}px ${s6}px; }
QMenu::right-arrow { image: url("$icons-chevron-right.svg"); width: ${s14}px; }
QMenu::indicator { width: ${s14}px; height: ${s14}px; padding-left: ${s8}px; }
QMenu::indicator:checked { image: url("$icons-tick.svg"); }

QTabWidget::pane { border: none; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab {
  color: $muted; background: transparent; padding: ${s6}px ${s10}px;
  border: none; border-bottom: 2px solid transparent;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { background: $hover; }

QHeaderView, QTableCornerButton::section { background: transparent; border: none; }
QHeaderView::section {
  background: transparent; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: ${s4}px ${s6}px;
}
QTableView, QListView, QTreeView {
  background: transparent; border: none; gridline-color: $line;
  selection-background-color: $hover; selection-color: $text;
}
QProgressBar {
  background: $control; border: none; border-radius: ${half_groove}px; max-height: ${s4}px;
}
QProgressBar::chunk { background: $accent; border-radius: ${half_groove}px; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $line; }
QStatusBar::item { border: none; }

QFrame[card="true"] {
  background: $raised; border: 1px solid $line; border-radius: ${s10}px;
}
QFrame[card="stage"] { background: $bg; border: 1px solid $line; border-radius: ${s10}px; }
QFrame[card="error"] {
  background: $raised; border: 1px solid $bad; border-radius: ${s10}px;
}
QFrame[tray="true"] { background: $track; border: 1px solid $line; border-radius: ${s6}px; }
QFrame[tray="true"] QToolButton {
  border-radius: ${s5}px; padding: 0 ${s6}px; min-height: ${s24}px; color: $muted;
}
QFrame[tray="true"] QToolButton:hover { background: $hover; color: $text; }
QFrame[tray="true"] QToolButton:checked { background: $chosen; color: $text; }
QFrame[tray="true"] QToolButton:focus { border-color: $accent; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="bad"] { color: $bad; }
QLabel[role="readout"] {
  background: $raised; color: $text; border: 1px solid $control; border-radius: ${s6}px;
  padding: ${s4}px ${s8}px;
}
""")


def style_sheet(tokens: Tokens, px: Callable[[float], int]) -> str:
    """Return the style sheet of a theme; ``px`` scales lengths for the lecture hall."""
    dark = tokens.name == "dark"
    values: dict[str, object] = {f"s{size}": px(size) for size in SIZES}
    values |= {
        name: getattr(tokens, name)
        for name in tokens.__slots__
        if isinstance(getattr(tokens, name), str)
    }
    values |= {
        # A radius of more than half the outer size and Qt draws a square.
        "half_handle": (px(12) + 2) // 2,
        "half_indicator": (px(16) + 2) // 2,
        "half_groove": px(4) // 2,
        "half_scroll": (px(10) - 2 * px(2)) // 2,
        "icons": f"{asset('icons', 'style').as_posix()}/{tokens.name}",
        "accent_hover": "#7bbaff" if dark else "#1a5fb8",
        "handle": tokens.text,
        "track": tokens.panel if dark else tokens.hover,
        "chosen": tokens.control if dark else tokens.raised,
    }
    return _SHEET.substitute(values)
