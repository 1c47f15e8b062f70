from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from store.errors import UsageError
from store.metrics import evaluate
from store.report import PolicyInReport, ReportConfig, config_from_corpus, write_report
from store.stats import describe
from tests.store.building import fill, policy, problem, sample, study, verdict


class Page(HTMLParser):
    """Collects ids, addresses and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "xlink:href"):
                self.addresses.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text.append(data.strip())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReportConfig, str]:
    root = tmp_path_factory.mktemp("study")
    study(root / "corpus", num_problems=12, n=16)
    config = config_from_corpus(root / "corpus", out=root / "out" / "report.html")
    return config, write_report(config).read_text(encoding="utf-8")


def test_the_policies_come_from_the_corpus_base_first(written: tuple[ReportConfig, str]) -> None:
    config, _ = written
    assert [item.label for item in config.policies] == [
        "base", "α = 0", "α = 0.25", "α = 0.5", "α = 0.75", "α = 0.999",
    ]  # fmt: skip
    assert [item.alpha for item in config.policies] == [None, 0.0, 0.25, 0.5, 0.75, 0.999]
    assert len(config.metrics) == 5


def test_the_file_needs_nothing_else(written: tuple[ReportConfig, str]) -> None:
    page = Page(written[1])
    assert all(address.startswith("#") for address in page.addresses)
    assert {address.removeprefix("#") for address in page.addresses} <= set(page.ids)
    assert "<script" not in written[1]
    assert "@import" not in written[1]
    assert not re.search(r"url\((?!#)", written[1])


def test_no_id_stands_twice(written: tuple[ReportConfig, str]) -> None:
    ids = Page(written[1]).ids
    assert len(ids) == len(set(ids))


def test_every_figure_is_well_formed_and_takes_its_colours_from_the_page(written: tuple[ReportConfig, str]) -> None:
    pictures = re.findall(r"<svg.*?</svg>", written[1], flags=re.DOTALL)
    assert len(pictures) == 6 + 3 + 1 + 4  # the α sweep, one flow, training
    defined = set(re.findall(r"(--[\w-]+):", written[1]))
    for picture in pictures:
        root = ET.fromstring(picture)
        assert "viewBox" in root.attrib
        assert "width" not in root.attrib
        assert set(re.findall(r"var\((--[\w-]+)\)", picture)) <= defined
        assert set(re.findall(r"#[0-9a-f]{6}\b", picture)) == set()


def test_the_table_shows_the_evaluation(written: tuple[ReportConfig, str]) -> None:
    from store.corpus import Corpus

    config, html = written
    text = " ".join(Page(html).text)
    for shown in config.policies:
        result = evaluate(Corpus.open(config.corpus), shown.policy_id, "test")
        for k in (1, 4, 16):
            assert f"{result.at(k).estimate:.3f}" in text
    assert "α = 0.999" in text
    assert "12 problems of split" in text


def test_one_unsolved_policy_alone_can_be_reported(tmp_path: Path) -> None:
    row = problem("a<b>", split="test")
    draw = sample(row["problem_id"], "base")
    fill(tmp_path / "corpus", problems=[row], samples=[draw], verdicts=[verdict(draw, "error")])
    config = config_from_corpus(tmp_path / "corpus", out=tmp_path / "r.html")
    html = write_report(config).read_text(encoding="utf-8")
    assert "unsolved" in html
    assert "Rare proofs" not in html


def test_what_a_model_wrote_is_text_not_html(tmp_path: Path) -> None:
    row = problem("a", split="test")
    draw = sample(row["problem_id"], "base", completion="<script>alert(1)</script>")
    named = policy("base", path="policies/<i>b")
    fill(tmp_path / "corpus", problems=[row], samples=[draw], verdicts=[verdict(draw)], policies=[named])
    html = write_report(config_from_corpus(tmp_path / "corpus", out=tmp_path / "r.html")).read_text(encoding="utf-8")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<i>b" not in html


def test_a_cut_line_at_the_end_of_the_metrics_is_left_out(tmp_path: Path) -> None:
    _, metrics = study(tmp_path / "corpus", num_problems=3, n=2)
    with metrics[0].open("a") as stream:
        stream.write('{"step": 81, "lo')
    config = config_from_corpus(tmp_path / "corpus", out=tmp_path / "r.html")
    assert "Training" in write_report(config).read_text(encoding="utf-8")
    metrics[1].write_text("no json\n{}\n")
    with pytest.raises(UsageError, match="line 1: not JSON"):
        write_report(config)


def test_a_report_of_nothing_is_wrong_use(tmp_path: Path) -> None:
    fill(tmp_path / "corpus", problems=[problem("a")])
    with pytest.raises(UsageError, match="no judged samples of split test"):
        config_from_corpus(tmp_path / "corpus", out=tmp_path / "r.html")
    with pytest.raises(UsageError, match="at least one policy"):
        write_report(ReportConfig(tmp_path / "corpus", ()))
    with pytest.raises(UsageError, match="nobody has no judged samples"):
        write_report(ReportConfig(tmp_path / "corpus", (PolicyInReport("x", "nobody", None),)))


def test_the_screen_of_a_corpus_counts_its_rows(tmp_path: Path) -> None:
    corpus, _ = study(tmp_path / "corpus", num_problems=4, n=8)
    text = describe(corpus)
    lines = [line.split() for line in text.splitlines()]
    assert ["test", "4"] in [line[:2] for line in lines]
    assert ["train", "8"] in [line[:2] for line in lines]
    assert len([line for line in lines if line[:1] == ["base"]]) == 2
    assert len(text.splitlines()) < 45


def test_the_screen_of_an_empty_corpus_is_shown(tmp_path: Path) -> None:
    assert "samples" in describe(fill(tmp_path / "corpus"))
