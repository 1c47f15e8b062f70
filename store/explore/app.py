"""The pages: problems, one problem's samples, samples side by side, and SQL."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
import plotly
import pyarrow as pa
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from store.errors import RemainsError, UsageError
from store.explore import charts
from store.explore.data import PAGE, Explorer, Row
from store.explore.guard import Guard
from store.sample import check_alpha
from store.show import surprise_step
from store.sql import plain, views
from store.tables import LEAN

HERE = Path(__file__).parent
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
COMPARED = 4
"""Samples side by side, at most."""
PROBLEM_SORTS = {"hardest": "hardest first", "easiest": "easiest first", "diverse": "most distinct proofs"}
SAMPLE_SORTS = {"weight": "heaviest first", "likely": "likeliest first", "unlikely": "least likely first",
                "verdict": "by verdict"}  # fmt: skip
EXAMPLE = "SELECT verdict, count(*) AS n\nFROM corpus\nGROUP BY ALL ORDER BY n DESC"


def create_app(explorer: Explorer, hosts: Sequence[str] = ()) -> Starlette:
    """Return the application; it answers requests that name a loopback host, or one of `hosts`."""
    pages = Pages(explorer, _environment())
    routes = [
        Route("/", pages.problems),
        Route("/problem/{problem_id}", pages.problem),
        Route("/compare", pages.compare),
        Route("/sql", pages.sql),
        Route("/static/plotly.js", lambda request: FileResponse(PLOTLY, media_type="text/javascript")),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, hosts=hosts)],
                     exception_handlers={RemainsError: pages.refuse, 404: pages.missing})  # fmt: skip


@dataclass(frozen=True)
class Pages:
    """Turns requests into pages. Starlette runs these functions in threads of their own."""

    explorer: Explorer
    environment: jinja2.Environment

    def problems(self, request: Request) -> Response:
        """Show the problems of a policy by difficulty."""
        asked = request.query_params
        policies = {policy.policy_id: policy for policy in self.explorer.policies}
        chosen = _one_of(asked.get("policy", ""), policies, next(iter(policies), ""))
        filters = {
            "policy": chosen, "split": asked.get("split", ""), "text": asked.get("text", "")[:200],
            "difficulty": _one_of(asked.get("difficulty", ""), charts.DIFFICULTIES, ""),
            "sort": _one_of(asked.get("sort", ""), PROBLEM_SORTS, "hardest"),
        }  # fmt: skip
        page = _page(request)
        rows, n_all = self.explorer.problems(filters, page)
        counts = self.explorer.histogram({**filters, "difficulty": ""})
        shown = [row for row in counts if filters["difficulty"] in ("", row["difficulty"])]
        classes = {name: sum(row["n"] for row in counts if row["difficulty"] == name) for name in charts.DIFFICULTIES}
        return self._page(
            "problems", request, rows=rows, n_all=n_all, page=page, filters=filters, classes=classes,
            policies=self.explorer.policies, splits=self.explorer.splits(), sorts=PROBLEM_SORTS,
            figure=charts.difficulty(shown),
        )  # fmt: skip

    def problem(self, request: Request) -> Response:
        """Show a problem and its samples by verdict and weight."""
        asked, problem_id = request.query_params, request.path_params["problem_id"]
        problem = self.explorer.problem(problem_id)
        alpha = _alpha(request)
        tried = [row["policy_id"] for row in problem["policies"]]
        policy = _one_of(asked.get("policy", ""), tried, "")
        bases = [policy.policy_id for policy in self.explorer.policies if policy.policy_id in tried]
        base = _one_of(asked.get("base", ""), bases, policy or next(iter(bases), ""))
        filters = {"policy": policy, "verdict": asked.get("verdict", ""), "base": base, "alpha": alpha,
                   "sort": _one_of(asked.get("sort", ""), SAMPLE_SORTS, "weight")}  # fmt: skip
        page = _page(request)
        rows, n_all = self.explorer.samples(problem_id, filters, page)
        plotted, _ = self.explorer.samples(problem_id, {**filters, "sort": ""}, 0, limit=2000)
        return self._page(
            "problem", request, problem=problem, rows=rows, n_all=n_all, page=page, filters=filters,
            verdicts=self.explorer.verdicts(problem_id, policy), sorts=SAMPLE_SORTS, figure=charts.samples(plotted),
            plotted=len(plotted), labels={policy.policy_id: policy.label for policy in self.explorer.policies},
        )  # fmt: skip

    def compare(self, request: Request) -> Response:
        """Show samples side by side, their tokens coloured by log-probability."""
        wanted = list(dict.fromkeys(request.query_params.getlist("s")))[:COMPARED]
        if not wanted:
            raise UsageError("choose samples of a problem to see them side by side.")
        alpha = _alpha(request)
        records = [self.explorer.sample(prefix, alpha) for prefix in wanted]
        labels = {policy.policy_id: policy.label for policy in self.explorer.policies}
        return self._page("compare", request, records=records, alpha=alpha, labels=labels)

    def sql(self, request: Request) -> Response:
        """Run a query and show its rows and a chart of them."""
        asked, page = request.query_params, _page(request)
        query = asked.get("q", "")
        given: Row = {"rows": None, "figure": None, "chosen": None, "columns": [], "error": None, "more": False}
        if query.strip():
            try:
                given |= self._answer(query, page, asked)
            except RemainsError as error:
                given["error"] = str(error)
        texts = [text.split("\n", 1) for text in views().split("\n\n")]
        return self._page("sql", request, query=query or EXAMPLE, page=page, views=texts, kinds=charts.KINDS, **given)

    def _answer(self, query: str, page: int, asked: Any) -> Row:
        rows, more, plotted = self.explorer.query(query, page)
        chosen = charts.choose(plotted, *(asked.get(name, "") for name in ("x", "y", "color", "kind")))
        return {
            "rows": rows.to_pylist(), "columns": [(field.name, _is_number(field.type)) for field in rows.schema],
            "more": more, "figure": charts.of_query(plotted, chosen), "chosen": chosen,
        }  # fmt: skip

    def refuse(self, request: Request, error: Exception) -> Response:
        """Say in a page what was wrong."""
        return self._page("error", request, status=400, message=str(error))

    def missing(self, request: Request, error: Exception) -> Response:
        """Say that there is no such page."""
        return self._page("error", request, status=404, message="there is no such page.")

    def _page(self, name: str, request: Request, *, status: int = 200, **values: Any) -> Response:
        asked = dict(request.query_params)
        text = self.environment.get_template(f"{name}.html.j2").render(
            corpus=self.explorer.corpus.root, here=request.url.path, page_size=PAGE, url=_url(request.url.path, asked),
            **values,
        )  # fmt: skip
        return HTMLResponse(text, status, headers={"Cache-Control": "no-store"})


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.filters |= {"lean": _lean, "number": _number, "cell": _cell, "step": surprise_step}
    environment.globals["lean_columns"] = LEAN
    return environment


def _lean(code: str) -> Markup:
    """Return Lean code as HTML: Pygments escapes every token."""
    return Markup(highlight(code.strip("\n"), get_lexer_by_name("lean4"), HtmlFormatter(nowrap=True)))


def _number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None or not math.isfinite(value) else f"{value:.{digits}f}".replace("-", "−")


def _cell(value: Any) -> str:
    value = plain(value)
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "−")
    text = (
        "–" if value is None else f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    )
    return text if len(text) <= 1000 else f"{text[:1000]}…"


def _url(path: str, asked: dict[str, str]) -> Callable[..., str]:
    """Return a function that gives the address of this page with some of its parameters changed."""

    def url(**changes: Any) -> str:
        return f"{path}?{urlencode({**asked, 'page': 0, **changes})}"

    return url


def _one_of(value: str, known: Any, default: str) -> str:
    return value if value in known else default


def _page(request: Request) -> int:
    text = request.query_params.get("page", "0")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _alpha(request: Request) -> float:
    try:
        alpha = float(request.query_params.get("alpha", "0.5"))
    except ValueError as error:
        raise UsageError("α must be a number in [0, 1].") from error
    check_alpha(alpha)
    return alpha


def _is_number(type_: pa.DataType) -> bool:
    return pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_)
