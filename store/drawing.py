"""What every figure is drawn with: the palette, the look of a policy, inline SVG, files of their own.

Colours are CSS variables in the SVG, so one picture serves the light and the dark page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure

from store.shards import atomic_path

PALETTE = Path(__file__).parent / "palette.css"
"""What the names of the colours stand for, on a light and on a dark page."""
INK, MUTED, GRID, PAGE = "#010101", "#020202", "#030303", "#040404"
SERIES = tuple(f"#0a00{index:02x}" for index in range(8))
"""Colours of the policies, one after the other; the page cycles through them."""
VERDICTS = {
    name: f"#0b00{index:02x}"
    for index, name in enumerate(("ok", "wrong", "cut", "refused", "other", "spare-0", "spare-1", "spare-2"))
}
"""Colours of the verdicts, by the name that the page's style gives them."""
_VARIABLES = (
    {INK: "ink", MUTED: "muted", GRID: "grid", PAGE: "page"}
    | {color: f"series-{index}" for index, color in enumerate(SERIES)}
    | {color: name for name, color in VERDICTS.items()}
)

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": ["sans-serif"],
    "font.sans-serif": ["Helvetica Neue", "Helvetica", "Arial", "Liberation Sans", "DejaVu Sans", "sans-serif"],
    "font.size": 9.5,
    "text.color": INK,
    "axes.facecolor": PAGE,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
}


@dataclass(frozen=True)
class Series:
    """How one policy looks in every figure."""

    label: str
    color: str
    """One of SERIES; INK for the base policy."""
    is_base: bool
    alpha: float | None = None
    shape: str = "o"
    """Of its points, as matplotlib names it; the base policy is a diamond whatever this says."""

    @property
    def dashes(self) -> str:
        """Return the line style: the base policy is told apart without colour too."""
        return "--" if self.is_base else "-"

    @property
    def marker(self) -> str:
        """Return the shape of a point."""
        return "D" if self.is_base else self.shape


def standalone(svg: str) -> str:
    """Return a figure's SVG as a file of its own, with its colours and its page."""
    style = PALETTE.read_text(encoding="utf-8") + "svg { background: var(--page); }"
    size = re.search(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', svg)
    assert size is not None  # matplotlib writes it
    opening = svg.index(">") + 1
    head = svg[: opening - 1] + f' width="{size[1]}pt" height="{size[2]}pt">'
    return f"{head}<style>{style}</style>{svg[opening:]}"


_FOLDER: ContextVar[Path | None] = ContextVar("figures", default=None)


@contextmanager
def files_in(folder: Path | None) -> Iterator[None]:
    """Write every figure drawn within the block to `folder` too, as NAME.svg and NAME.png; nothing for None."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    token = _FOLDER.set(folder)
    try:
        yield
    finally:
        _FOLDER.reset(token)


@contextmanager
def figure(name: str, width: float, height: float) -> Iterator[tuple[Axes, list[str]]]:
    """Give an axes to draw on; the list holds the SVG afterwards. Sizes in inches of a narrow page."""
    picture: list[str] = []
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        drawn = Figure(figsize=(width, height), layout="constrained")
        yield drawn.add_subplot(), picture
        stream = io.StringIO()
        drawn.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        picture.append(_inline(stream.getvalue(), name))
        folder = _FOLDER.get()
        if folder is not None:
            _write(picture[0], drawn, folder / name)


def _write(svg: str, drawn: Figure, stem: Path) -> None:
    """Write the files; PNG knows no variables, so it gets the colours of the light page."""
    _recolour(drawn)
    with atomic_path(stem.with_suffix(".svg")) as temporary:
        temporary.write_text(standalone(svg), encoding="utf-8")
    with atomic_path(stem.with_suffix(".png")) as temporary:
        drawn.savefig(temporary, format="png", dpi=200)


_COLOURS = ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor", "hatchcolor")


def _recolour(drawn: Figure) -> None:
    """Put the light page's colours in place of their names, in every part of the figure."""
    light = _light()
    red, green, blue = light[to_rgba_array(PAGE)[0, :3].tobytes()].tolist()
    drawn.set_facecolor((red, green, blue))
    for artist in drawn.findobj():
        for part in _COLOURS:
            if hasattr(artist, f"get_{part}") and hasattr(artist, f"set_{part}"):
                found = to_rgba_array(getattr(artist, f"get_{part}")())
                changed = [[*light.get(row[:3].tobytes(), row[:3]), row[3]] for row in found]
                if len(changed) and not np.array_equal(changed, found):
                    getattr(artist, f"set_{part}")(changed if len(changed) > 1 else changed[0])


def _light() -> dict[bytes, np.ndarray]:
    """Return what every colour of this module is on a light page: red, green, blue to red, green, blue."""
    style = PALETTE.read_text(encoding="utf-8").split("@media", maxsplit=1)[0]
    values = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", style))
    return {
        to_rgba_array(code)[0, :3].tobytes(): to_rgba_array(values[name])[0, :3] for code, name in _VARIABLES.items()
    }


def _inline(svg: str, name: str) -> str:
    """Make the SVG part of a page: no prologue or fixed size, ids of its own, colours by name."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = svg.replace("url(#", f"url(#{name}-").replace('href="#', f'href="#{name}-')
    return re.sub(r"#0[0-9a-f]{5}\b", lambda found: f"var(--{_VARIABLES[found.group()]})", svg)
