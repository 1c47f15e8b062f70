"""Rows on a terminal: a table where it fits, else a block a row; Lean code shown as code."""

from __future__ import annotations

import sys
from typing import Any

import pyarrow as pa
from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

LAYOUTS = ("auto", "table", "records")
LEAN = frozenset({"completion", "header", "proof", "statement"})
"""Columns that hold Lean, whatever table they come from."""
PIPE_WIDTH = 200
"""Columns of text where the output is no terminal."""
_GAP = 2
_PICTURES = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\n\t"} | {
    code: "\ufffd" for code in (*range(127, 160), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""What is shown for a control character, and for those that turn the direction of writing."""
_LARGEST_CELL = 2_000
"""Characters of a cell that a screen shows."""


def as_text(rows: pa.Table, layout: str = "auto") -> str:
    """Return rows laid out for the screen, in colour if it is a terminal.

    A table that is wider than the screen becomes one block a row, unless `layout` is `table`.
    """
    console = screen_console()
    if layout == "auto":
        layout = "table" if _natural_width(rows) <= console.width else "records"
    with console.capture() as capture:
        console.print(_table(rows) if layout == "table" else _records(rows))
    return capture.get()


def screen_console() -> Console:
    """Return a console for stdout; where that is no terminal, wide and without colour."""
    terminal = sys.stdout.isatty()
    return Console(width=None if terminal else PIPE_WIDTH, no_color=not terminal, highlight=False)


def lean(code: str) -> Text:
    """Return Lean code, coloured."""
    syntax = Syntax("", "lean4", theme="ansi_dark", background_color="default")
    highlighted = syntax.highlight(visible(code.strip("\n")))
    highlighted.rstrip()
    return highlighted


def visible(text: str) -> str:
    """Show control characters as pictures: a model's text must not steer the terminal."""
    return text.translate(_PICTURES)


def _table(rows: pa.Table) -> Table:
    shown = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for field in rows.schema:
        shown.add_column(field.name, justify="right" if _is_number(field.type) else "left", overflow="fold")
    for row in rows.to_pylist():
        shown.add_row(*(_cell(name, value) for name, value in row.items()))
    return shown


def _records(rows: pa.Table) -> RenderableType:
    blocks: list[RenderableType] = []
    for number, row in enumerate(rows.to_pylist(), start=1):
        block = Table.grid(padding=(0, _GAP, 0, 0))
        block.add_column(style="bold")
        block.add_column(overflow="fold")
        for name, value in row.items():
            block.add_row(name, _cell(name, value))
        blocks += [Rule(f"row {number}", align="left", style="dim", characters="─"), block]
    return Group(*blocks) if blocks else _table(rows)


def _cell(name: str, value: Any) -> Text:
    text = _plain_cell(value)
    if name in LEAN and isinstance(value, str):
        return lean(text)
    return Text(visible(text), style="dim" if value is None else "")


def _plain_cell(value: Any) -> str:
    if value is None:
        return "-"
    text = f"{value:.6g}" if isinstance(value, float) else _list(value) if isinstance(value, list) else str(value)
    return text if len(text) <= _LARGEST_CELL else f"{text[:_LARGEST_CELL]}… ({len(text):,} characters)"


def _list(values: list[Any]) -> str:
    return f"[{', '.join(_plain_cell(value) for value in values)}]"


def _natural_width(rows: pa.Table) -> int:
    """Return the columns of text that a table would take without a break."""
    widths = {name: len(name) for name in rows.column_names}
    for row in rows.to_pylist():
        for name, value in row.items():
            lines = _plain_cell(value).splitlines() or [""]
            widths[name] = max(widths[name], *(Text(line).cell_len for line in lines))
    return sum(widths.values()) + _GAP * len(widths)


def _is_number(type_: pa.DataType) -> bool:
    return pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_)
