from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from store.corpus import Corpus
from tests.store.building import fill, policy, problem, sample, verdict

pytest.importorskip("starlette", reason="pip install 'remains[explore]'")
pytest.importorskip("plotly", reason="pip install 'remains[explore]'")
from starlette.testclient import TestClient

from store.explore.app import create_app
from store.explore.data import PAGE, Explorer

ROOT = Path(__file__).parent.parent.parent
ADDRESS = "http://127.0.0.1:8765"
HOSTILE = "\n  <script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">'\"{{ 7*7 }}"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def build(root: Path, *, num_problems: int = 60) -> Corpus:
    """Make problems p0, p1, …: of p<i>'s four base samples i mod 5 are verified, the others hostile and wrong."""
    problems = [problem(f"p{index}", split="test" if index % 2 else "train") for index in range(num_problems)]
    samples, verdicts = [], []
    for place, row in enumerate(problems):
        for index in range(4):
            right = index < place % 5
            text = f"\n  exact {index}" if right else HOSTILE
            drawn = sample(row["problem_id"], "base", index, completion=text, log_policy=-1.0 - index)
            samples.append(drawn)
            verdicts.append(
                verdict(drawn, "verified" if right else "error", detail=None if right else "no <b>such</b> term")
            )
    return fill(root, problems=problems, samples=samples, verdicts=verdicts, policies=[policy("base")])


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return build(tmp_path_factory.mktemp("explore") / "corpus")


@pytest.fixture(scope="module")
def client(corpus: Corpus) -> Iterator[TestClient]:
    explorer = Explorer(corpus, seconds=2.0)
    yield TestClient(create_app(explorer), base_url=ADDRESS)
    explorer.close()


def page(client: TestClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.text


def test_problems_are_counted_by_difficulty(client: TestClient) -> None:
    # Of 60 problems a fifth each have 0, 1, 2, 3 and 4 of 4 verified: rates 0, ¼ (hard), ½ and ¾ (medium), 1 (easy).
    text = " ".join(re.sub(r"<[^>]+>", " ", page(client, "/")).split())
    assert "60 problems 12 unsolved 12 hard 24 medium 12 easy" in text
    assert "1–50 of 60" in text


def test_pages_and_filters_show_each_problem_once(client: TestClient) -> None:
    found = [re.findall(r'href="/problem/(\w+)', page(client, f"/?page={number}")) for number in range(2)]
    assert [len(ids) for ids in found] == [PAGE, 10]
    assert len(set(found[0] + found[1])) == 60
    assert len(re.findall(r'href="/problem/', page(client, "/?difficulty=easy&split=test"))) == 6
    assert len(re.findall(r'href="/problem/', page(client, "/?text=theorem+P13"))) == 1
    assert "No problem fits" in page(client, "/?text=%27%20OR%201=1")


def test_a_problem_shows_its_samples_with_the_weight_of_the_formula(client: TestClient, corpus: Corpus) -> None:
    # p2: two of four verified, all drawn from the base: Z = ½, so v·(p/q)^(1−α) is 2^(1−α).
    wanted = next(row.problem_id for row in corpus.problems() if row.name == "p2")
    text = page(client, f"/problem/{wanted}?alpha=0.25")
    assert text.count(">1.682<") == 2
    assert text.count("verdict v-error") == 2
    assert "2 error" not in page(client, f"/problem/{wanted}?verdict=verified").split("<tbody>")[-1]


def test_samples_stand_side_by_side_with_their_tokens(client: TestClient, corpus: Corpus) -> None:
    with corpus.connect() as connection:
        ids = [row[0] for row in connection.execute("SELECT sample_id FROM samples ORDER BY 1 LIMIT 2").fetchall()]
    text = page(client, f"/compare?s={ids[0]}&s={ids[1]}")
    assert all(f"<code>{name}</code>" in text for name in ids)
    assert text.count('title="−0.500 nats"') == 4


def test_what_a_model_wrote_is_text_on_every_page(client: TestClient, corpus: Corpus) -> None:
    with corpus.connect() as connection:
        query = "SELECT sample_id, problem_id FROM corpus WHERE NOT verified LIMIT 1"
        ((name, of),) = connection.execute(query).fetchall()
    sql = quote('SELECT completion, detail, completion AS "<i>", 1 AS n FROM corpus')
    for path in (f"/problem/{of}", f"/compare?s={name}", f"/sql?q={sql}", "/sql?q=<script>1", "/?text=<script>1"):
        text = client.get(path).text
        assert "<script>document" not in text
        assert "<script>1" not in text
        assert "<img" not in text
        assert "<b>such" not in text
        assert "<i>" not in re.sub(r"<i style", "", text)


@pytest.mark.parametrize(
    "query",
    ["COPY (SELECT 1) TO 'x.csv'", "SELECT 1; SELECT 2", "FROM read_text('/etc/passwd')", "FROM glob('/*')",
     "DROP TABLE explored", "SET enable_external_access = true", "ATTACH 'x.db'", "FROM corpus_nope"],
)  # fmt: skip
def test_the_sql_box_neither_writes_nor_leaves_the_corpus(query: str, client: TestClient) -> None:
    text = page(client, f"/sql?q={quote(query)}")
    assert 'class="error"' in text
    assert "<tbody>" not in text
    assert "root:" not in text
    assert page(client, "/sql?q=SELECT%2042%20AS%20x").count(">42<") == 1


def test_a_query_that_takes_too_long_is_stopped_and_the_next_one_answered(client: TestClient) -> None:
    endless = quote("SELECT count(*) FROM range(100000000000) a, range(1000) b")
    assert "stopped after 2 s" in page(client, f"/sql?q={endless}")
    assert ">42<" in page(client, "/sql?q=SELECT%2042%20AS%20x")


def test_rows_of_a_query_come_a_page_at_a_time(client: TestClient) -> None:
    query = quote("SELECT range AS i FROM range(120)")
    for number, (first, last) in enumerate(((0, 49), (50, 99), (100, 119))):
        found = [
            int(text) for text in re.findall(r'<td class="n">(\d+)</td>', page(client, f"/sql?q={query}&page={number}"))
        ]
        assert found == list(range(first, last + 1))
    far = quote("SELECT range AS i FROM range(1000000)")
    assert ">500,000<" in page(client, f"/sql?q={far}&page=10000")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:8765"}, 200),
        ({"host": "[::1]:8765"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example:8765"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ADDRESS}, 200),
    ],
)
def test_other_sites_and_other_host_names_are_refused(headers: dict[str, str], status: int, client: TestClient) -> None:
    answer = client.get("/sql?q=SELECT%201", headers=headers)
    assert answer.status_code == status
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "script-src 'self';" in answer.headers["content-security-policy"]


def test_nothing_but_reading_is_answered(client: TestClient) -> None:
    assert client.post("/sql", data={"q": "SELECT 1"}).status_code == 405
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/static/%2e%2e/app.py").status_code == 404
    assert "no such page" in page(client, "/nowhere", 404)
    for path in ("/problem/nope", "/compare", "/compare?s=nope", "/problem/x?alpha=2", "/compare?s=a&alpha=x"):
        assert 'role="alert"' in page(client, path, 400)


def test_an_empty_corpus_has_pages_too(tmp_path: Path) -> None:
    explorer = Explorer(Corpus.open(tmp_path / "corpus", create=True))
    empty = TestClient(create_app(explorer), base_url=ADDRESS)
    assert "No problem fits" in page(empty, "/")
    assert "no rows" in page(empty, "/sql?q=FROM%20samples")
    explorer.close()


@contextlib.contextmanager
def serving(corpus: Corpus) -> Iterator[str]:
    """Run the command on a free port; yield its address."""
    command = [sys.executable, "-c", "import cli; cli.main()", "explore", "--corpus", str(corpus.root), "--port", "0"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "80"}
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[0]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) in (0, 130)
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs the program chromium")
def test_a_browser_draws_the_pages_runs_no_foreign_script_and_asks_no_other_host(corpus: Corpus) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    with serving(corpus) as address, playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page()
        tab.set_default_timeout(60_000)
        asked, faults = [], []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.goto(address)
        tab.wait_for_selector("figure.plot .bars path")
        tab.select_option("select[name=split]", "test")
        tab.wait_for_url("**split=test**")
        tab.click("text=unsolved >> nth=0")
        tab.wait_for_url("**difficulty=unsolved**")
        tab.click("td.statement a >> nth=0")
        tab.wait_for_selector("figure.plot .points path")
        assert "<script>document" in tab.inner_text("td.proof >> nth=0")
        for place in range(2):
            tab.check(f"input[name=s] >> nth={place}")
        tab.click("text=Side by side")
        tab.wait_for_selector("section.sample >> nth=1")
        colours = tab.eval_on_selector_all(".legend span", "all => all.map(s => getComputedStyle(s).backgroundColor)")
        assert len(set(colours[2:])) == 5
        tab.goto(f"{address}sql")
        tab.fill("textarea", "SELECT sample_index, avg(logprob_policy) AS mean FROM corpus GROUP BY ALL ORDER BY 1")
        tab.press("textarea", "Control+Enter")
        tab.wait_for_selector("figure.plot .points path")
        assert len(tab.query_selector_all("figure.plot .points path")) == 4
        assert "owned" not in tab.title()
        assert faults == []
        assert {url for url in asked if not url.startswith((address, "data:"))} == set()
        browser.close()


def test_a_port_that_is_taken_is_one_clear_line(corpus: Corpus) -> None:
    with serving(corpus) as address:
        port = address.rstrip("/").rsplit(":", 1)[1]
        deadline = time.monotonic() + 60
        command = [
            sys.executable,
            "-c",
            "import cli; cli.main()",
            "explore",
            "--corpus",
            str(corpus.root),
            "--port",
            port,
        ]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=deadline - time.monotonic(), check=False
        )
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: --host 127.0.0.1 --port {port}")
    assert len(done.stderr.splitlines()) == 1
