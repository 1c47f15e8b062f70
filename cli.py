"""The commands: parse the flags, call one function, print what it returns. Nothing else.

Heavy imports (torch, transformers, duckdb) stand inside the commands, so that `cli --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from typer.exceptions import TyperException

from store.errors import RemainsError, UsageError
from train.names import OBJECTIVES

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turn a base language model into a better Lean 4 prover without losing the proofs it could already find.",
    epilog="Start with:  cli quickstart",
)
import_app = typer.Typer(no_args_is_help=True, help="Bring problems into the corpus.")
app.add_typer(import_app, name="import", epilog="Example:  cli import problems minif2f.jsonl --corpus corpus")

TEMPLATES = (
    "chat",
    "deepseek-prover-v1.5",
    "deepseek-prover-v1.5-cot",
    "goedel-prover",
    "goedel-prover-v2",
    "kimina-prover",
    "plain",
)
CorpusOption = Annotated[
    str,  # a Path would turn s3://… into s3:/…
    typer.Option(
        "--corpus",
        envvar="REMAINS_CORPUS",
        metavar="DIR|URL",
        help="The folder that all commands share, or its place in an object store (s3://BUCKET/PREFIX).",
    ),
]
SeedOption = Annotated[int, typer.Option("--seed", help="Same seed, same result.")]
WorkersOption = Annotated[
    Optional[int],  # noqa: UP045  (typer reads this at run time)
    typer.Option("--workers", min=1, help="Lean processes at once; the number of cores unless said."),
]
SplitOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--split", help="Only the problems of this split (train, test, …); all of them unless said."),
]

TemplateOption = Annotated[
    str,
    typer.Option(
        "--template",
        metavar="NAME|FILE",
        help=f"How the problems are shown to the model: {', '.join(TEMPLATES)}, or a Jinja file such as mine.j2.",
    ),
]

# How a model is sampled: the options of `cli gen` and `cli eval`.
TemperatureOption = Annotated[float, typer.Option(min=0.0, help="1 draws from the policy itself; 0 is greedy.")]
TopPOption = Annotated[float, typer.Option(help="Keep the likeliest tokens of this total probability.")]
TopKOption = Annotated[int, typer.Option(min=0, help="Keep this many likeliest tokens; 0 keeps all.")]
MinPOption = Annotated[float, typer.Option(help="Keep tokens at least this share as likely as the likeliest.")]
MaxNewTokensOption = Annotated[int, typer.Option(min=1, help="A sample longer than this is cut, and no proof.")]
EngineOption = Annotated[str, typer.Option(help="transformers, or vllm (`cli doctor` says whether it is here).")]
EngineArgOption = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(metavar="KEY=VALUE", help="An engine argument of vLLM; may be repeated."),
]
TensorParallelOption = Annotated[int, typer.Option(min=1, help="GPUs that share one model (vllm).")]
DataParallelOption = Annotated[int, typer.Option(min=1, help="Engines, each with its own GPUs or cores.")]
DistributedOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="ray: the engines are Ray actors."),
]


def main() -> None:
    """Run a command; an error a user can cause is one line on stderr, a traceback only with --debug."""
    # Threads that wait by spinning stop each other where something else uses the cores: ten times slower was seen.
    # A short spin keeps most of a quiet machine's speed.
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except (RemainsError, TyperException) as error:
        if "--debug" in sys.argv:
            raise
        _refuse(error)
    except (KeyboardInterrupt, typer.Abort):
        print("interrupted: the same command goes on from here", file=sys.stderr)
        sys.exit(130)


def _refuse(error: Any) -> None:
    message = str(error) if isinstance(error, RemainsError) else error.format_message()
    if message:  # a group without a command has printed its help instead
        print(f"error: {message}", file=sys.stderr)
    sys.exit(error.exit_code)


@app.callback()
def options(debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False) -> None:
    """Options before the command's name."""


@app.command(epilog="Example:  cli quickstart --fast --out quickstart")
def quickstart(
    out: Annotated[Path, typer.Option("--out", help="Folder for the corpus, the policies and the report.")] = Path(
        "quickstart"
    ),
    fast: Annotated[bool, typer.Option("--fast", help="The same on smaller numbers, in two minutes.")] = False,
    seed: SeedOption = 0,
    workers: WorkersOption = None,
) -> None:
    """Run the whole method on this machine: problems, a small base policy, gen, filter, train at five α, eval, report.

    Needs no GPU and no network. Interrupted and started again, it goes on where it stopped.
    """
    from recipes.quickstart.pipeline import QuickstartConfig, run_quickstart

    print(run_quickstart(QuickstartConfig(out=out, fast=fast, seed=seed, workers=workers)).as_text())


@import_app.command(
    "problems", epilog="Example:  cli import problems minif2f.parquet lean-workbook.jsonl --corpus corpus"
)
def import_problems(
    files: Annotated[list[Path], typer.Argument(help="JSONL or Parquet files; their shape is recognised.")],
    corpus: CorpusOption = "corpus",
    split: Annotated[str, typer.Option("--split", help="The split of rows that name none.")] = "train",
) -> None:
    """Read problems (header, statement, …) into the corpus; a file with a bad row is refused whole."""
    from store import importing

    print(importing.import_problems(corpus, files, split=split).as_text())


@app.command(
    epilog="Example:  cli gen --model quickstart/policies/base --template plain --corpus quickstart/corpus "
    "--split train --n 8"
)
def gen(
    model: Annotated[Path, typer.Option("--model", help="A model folder in the Hugging Face format.")],
    corpus: CorpusOption = "corpus",
    n: Annotated[int, typer.Option("--n", min=1, help="Samples per problem.")] = 16,
    split: SplitOption = None,
    seed: SeedOption = 0,
    temperature: TemperatureOption = 1.0,
    top_p: TopPOption = 1.0,
    top_k: TopKOption = 0,
    min_p: MinPOption = 0.0,
    max_new_tokens: MaxNewTokensOption = 1024,
    template: TemplateOption = "plain",
    engine: EngineOption = "transformers",
    engine_arg: EngineArgOption = None,
    tensor_parallel: TensorParallelOption = 1,
    data_parallel: DataParallelOption = 1,
    distributed: DistributedOption = None,
    token_stats: Annotated[
        bool, typer.Option("--token-stats", help="Also entropy, logsumexp and mean logit of each token (transformers).")
    ] = False,
    until_z_error: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="Adaptive: until the 95 % interval of a problem's pass rate Z is this ± wide."),
    ] = None,
    until_z_rel_error: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="Adaptive: until the 95 % interval of log Z is this ± wide; 0.5 is a factor of 1.65."),
    ] = None,
    max_n: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Adaptive: samples per problem, at most; 512 unless said."),
    ] = None,
    workers: WorkersOption = None,
) -> None:
    """Sample n completions of every problem, with their log-probabilities.

    Samples that the corpus already holds are not drawn again. With --until-z-error or --until-z-rel-error, sampling and
    checking alternate: after n samples, then twice, four times … as many, the problems whose pass rate is known well
    enough stop, until --max-n. `cli sql "FROM z_adaptive"` has the estimates. For instance:

    cli gen --model quickstart/policies/base --corpus quickstart/corpus --n 8 --until-z-error 0.1 --max-n 512
    """
    adaptive = until_z_error is not None or until_z_rel_error is not None
    if not adaptive and (max_n is not None or workers is not None):
        raise UsageError("--max-n and --workers: only with --until-z-error or --until-z-rel-error.")
    from gen.batch import BatchConfig
    from gen.run import GenConfig, generate

    config = GenConfig(
        corpus=corpus,
        model=model,
        n=n,
        split=split,
        seed=seed,
        temperature=temperature,
        top_p=top_p,
        top_k=top_k,
        min_p=min_p,
        max_new_tokens=max_new_tokens,
        template=template,
        engine=engine,
        engine_args=tuple(engine_arg or ()),
        tensor_parallel=tensor_parallel,
        data_parallel=data_parallel,
        distributed=distributed,
        batch=BatchConfig(token_stats=token_stats),
    )
    if not adaptive:
        print(generate(config).as_text())
        return
    from train.adaptive import AdaptiveConfig, sample_until
    from train.stopping import Precision

    precision = Precision(until_z_error, until_z_rel_error)
    summary = sample_until(AdaptiveConfig(config, precision, 512 if max_n is None else max_n, workers))
    print(summary.as_text())
    if summary.failed:
        raise typer.Exit(1)


@app.command(
    epilog="Example:  cli score --model quickstart/policies/alpha-0.5 --corpus quickstart/corpus --split train"
)
def score(
    model: Annotated[Path, typer.Option("--model", help="Who scores: a model folder in the Hugging Face format.")],
    corpus: CorpusOption = "corpus",
    split: SplitOption = None,
    sampled_by: Annotated[str | None, typer.Option(help="Only the samples of this policy_id.")] = None,
    own: Annotated[
        bool, typer.Option("--own", help="Also samples that the model drew itself: shows the sampler's gap.")
    ] = False,
    token_stats: Annotated[
        bool, typer.Option("--token-stats", help="Also entropy, logsumexp and mean logit of each token.")
    ] = False,
    template: Annotated[
        str | None, typer.Option(help="The Jinja file that samples were drawn with, if it was one of yours.")
    ] = None,
    engine: Annotated[str, typer.Option(help="transformers, or vllm.")] = "transformers",
    engine_arg: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="An engine argument of vLLM; may be repeated.")
    ] = None,
) -> None:
    """Compute log π of stored samples under a model, and store it. What is scored already is not scored again."""
    from train.score import ScoreConfig
    from train.score import score as run

    config = ScoreConfig(
        corpus=corpus,
        model=model,
        engine=engine,
        engine_args=tuple(engine_arg or ()),
        split=split,
        sampled_by=(sampled_by,) if sampled_by else None,
        own=own,
        token_stats=token_stats,
        template=template,
    )
    print(run(config).as_text())


@app.command("filter", epilog="Example:  cli filter --corpus quickstart/corpus --workers 2")
def filter_(
    corpus: CorpusOption = "corpus",
    workers: WorkersOption = None,
    lean: Annotated[
        str,
        typer.Option(
            metavar="LEAN",
            help="embedded, the folder of a Lake project, or kimina:http://HOST:PORT for a Kimina Lean server.",
        ),
    ] = "embedded",
    confirm: Annotated[
        str | None, typer.Option(metavar="LEAN", help="With a server: a Lean here that looks again (embedded).")
    ] = None,
    distributed: Annotated[str | None, typer.Option(help="ray: the workers are Ray actors, one core each.")] = None,
    strict: Annotated[
        str, typer.Option(metavar="all|SHARE|none", help="Of the accepted proofs, how many are looked at again.")
    ] = "all",
    allow_axiom: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="An axiom that proofs may rest on. Repeatable."),
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="CPU time of one proof; 10, or 60 for a project.")] = None,
    memory: Annotated[int | None, typer.Option(help="MiB of one proof; 2048, or 8192 for a project.")] = None,
    heartbeats: Annotated[
        int | None, typer.Option(help="Lean's own measure of work, in thousands; 500, or 200000 for a project.")
    ] = None,
) -> None:
    """Let Lean judge every sample that has no verdict yet.

    A sample that Lean could not judge because something of ours broke keeps no verdict, the next run takes it up
    again, and the exit code is 1.
    """
    from filter.run import FilterConfig, check, share_of

    config = FilterConfig(
        corpus=corpus,
        workers=workers,
        lean=lean,
        confirm=confirm,
        distributed=distributed,
        strict=share_of(strict),
        allow_axioms=tuple(allow_axiom or ()),
        seconds=seconds,
        memory_mib=memory,
        heartbeats=heartbeats,
    )
    print(check(config).as_text())


@app.command(epilog="Example:  cli facts --corpus quickstart/corpus --workers 2")
def facts(
    corpus: CorpusOption = "corpus",
    workers: WorkersOption = None,
    lean: Annotated[str, typer.Option(metavar="LEAN", help="The Lean that the proofs were verified by.")] = "embedded",
) -> None:
    """Note what the verified proofs are made of: tactics, premises, length. `cli sql "FROM proof_facts"` shows them."""
    from filter.facts import FactsConfig, collect

    print(collect(FactsConfig(corpus=corpus, workers=workers, lean=lean)).as_text())


@app.command(epilog='Example:  cli sql "FROM partition ORDER BY z LIMIT 5" --corpus quickstart/corpus --format json')
def sql(
    query: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="One SQL query; without it, a shell."),
    ] = None,
    corpus: CorpusOption = "corpus",
    format: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--format", help="table, csv, json or parquet; the suffix of --out, else table, unless said."),
    ] = None,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--out", help="Write to this file instead of the screen."),
    ] = None,
    init: Annotated[
        bool, typer.Option("--init", help="Give the script that makes the corpus known to the plain duckdb client.")
    ] = False,
    as_of: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--as-of", metavar="RUN", help="As a run of `cli train` or `cli eval` saw it: a file of runs/."),
    ] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Name and leave out files that cannot be read.")] = False,
) -> None:
    """Ask the corpus: the tables problems, samples, scores, verdicts, policies and the views over them. Read-only.

    Without a query, a shell with history and completion; `.help` lists what it knows.
    """
    from store import sql as store_sql
    from store.corpus import open_pinned

    opened = open_pinned(corpus, as_of=as_of, skip_bad=skip_bad)
    if init:
        store_sql.write_init_script(opened, out)
    elif query is not None:
        store_sql.run_query(opened, query, format, out)
    else:
        from store.shell import shell

        shell(opened)


@app.command(epilog="Example:  cli stats --corpus quickstart/corpus")
def stats(corpus: CorpusOption = "corpus") -> None:
    """Show the corpus on one screen: problems, samples by policy, verdicts."""
    from store.corpus import Corpus
    from store.stats import describe

    print(describe(Corpus.open(corpus)))


@app.command(epilog="Example:  cli show --corpus quickstart/corpus --alpha 0.5")
def show(
    sample: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(
            help="A sample_id or a beginning that only it has; the least likely verified proof unless said."
        ),
    ] = None,
    corpus: CorpusOption = "corpus",
    alpha: Annotated[float, typer.Option("--alpha", help="The α that its weight is shown for.")] = 0.5,
) -> None:
    """Show one sample: problem, proof, verdict, the log-probability of every token, weight and origin."""
    from store.corpus import Corpus
    from store.show import show as run

    print(run(Corpus.open(corpus), sample, alpha))


@app.command(epilog="Example:  cli export --corpus quickstart/corpus --out proofs --per-problem 8")
def export(
    out: Annotated[Path, typer.Option("--out", help="A new folder for the data set.")],
    corpus: CorpusOption = "corpus",
    kind: Annotated[str, typer.Option("--kind", help="sft (prompt, completion) or preference (chosen, rejected).")] = (
        "sft"
    ),
    split: Annotated[str, typer.Option("--split", help="The problems of this split.")] = "train",
    template: Annotated[
        str | None, typer.Option("--template", metavar="NAME|FILE", help="Only samples drawn with this prompt.")
    ] = None,
    where: Annotated[
        str | None, typer.Option("--where", help="SQL over the columns of view corpus, e.g. logprob_policy > -40.")
    ] = None,
    dedup: Annotated[bool, typer.Option("--dedup/--no-dedup", help="Each proof of a problem once.")] = True,
    per_problem: Annotated[
        int | None, typer.Option("--per-problem", min=1, help="Rows of a problem, at most; all of them unless said.")
    ] = None,
    seed: SeedOption = 0,
) -> None:
    """Write verified proofs as a Hugging Face data set with a data card; `datasets.load_dataset(OUT)` reads it."""
    from train.export import ExportConfig
    from train.export import export as run

    config = ExportConfig(corpus, out, kind, split, template, where, dedup, per_problem, seed)
    print(run(config).as_text())


@app.command(epilog="Example:  cli explore --corpus quickstart/corpus --port 8765")
def explore(
    corpus: CorpusOption = "corpus",
    host: Annotated[
        str, typer.Option("--host", help="Listen here; anything but 127.0.0.1 shows the corpus to others.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 8765,
    seconds: Annotated[float, typer.Option("--seconds", help="A query that takes longer is stopped.")] = 20.0,
) -> None:
    """Serve the corpus as web pages: problems by difficulty, samples by verdict and weight, tokens, SQL. Read-only."""
    from store.explore.server import ExploreConfig
    from store.explore.server import explore as run

    run(ExploreConfig(corpus, host, port, seconds))


@app.command(epilog="Example:  cli compact --corpus quickstart/corpus")
def compact(
    corpus: CorpusOption = "corpus",
    max_rows: Annotated[int, typer.Option(help="Rows of a compacted file, at most.")] = 500_000,
    keep_minutes: Annotated[
        float, typer.Option(help="Replaced files stand this long, for readers that are at work; then they are removed.")
    ] = 60.0,
) -> None:
    """Write many small shards again as few large files, so that queries on millions of samples stay fast.

    Readers and writers may be at work meanwhile. Files that an earlier run replaced are removed.
    """
    from store.compact import CompactConfig
    from store.compact import compact as run

    print(run(CompactConfig(corpus, max_rows=max_rows, keep_minutes=keep_minutes)).as_text())


@app.command(
    epilog="Example:  cli train --alpha 0.5 --model quickstart/policies/base --corpus quickstart/corpus "
    "--out policies/alpha-0.5 --steps 5"
)
def train(
    model: Annotated[Path, typer.Option("--model", help="The base policy: the target is built on it.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the new policy (Hugging Face format).")],
    alpha: Annotated[
        float | None, typer.Option("--alpha", help="0 covers every proof, 1 concentrates on the likely ones.")
    ] = None,
    objective: Annotated[
        str, typer.Option("--objective", help=f"What is minimised: {', '.join(OBJECTIVES)}.")
    ] = "alpha-dpg",
    objective_arg: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="An option of the objective (docs/objectives.md); may be repeated."),
    ] = None,
    corpus: CorpusOption = "corpus",
    split: Annotated[str, typer.Option("--split", help="Train on the problems of this split.")] = "train",
    steps: Annotated[int, typer.Option("--steps", min=1, help="Optimiser steps.")] = 80,
    problems_per_step: Annotated[int, typer.Option("--problems-per-step", min=1)] = 24,
    learning_rate: Annotated[float, typer.Option("--learning-rate")] = 1e-4,
    seed: SeedOption = 0,
    template: TemplateOption = "plain",
    where: Annotated[
        str | None, typer.Option(help='Only the samples that this SQL condition on `training` keeps: "z < 0.5".')
    ] = None,
    sql: Annotated[
        Path | None, typer.Option(help="Only the samples whose sample_id the query in this file returns.")
    ] = None,
    schedule: Annotated[str, typer.Option(help="The learning rate: constant, linear or cosine.")] = "constant",
    warmup: Annotated[float, typer.Option(help="Share of the steps over which it rises.")] = 0.05,
    weight_decay: Annotated[float, typer.Option(help="AdamW's.")] = 0.0,
    max_grad_norm: Annotated[float, typer.Option(help="Longer gradients are cut to this length.")] = 1.0,
    batch_tokens: Annotated[int, typer.Option(min=1, help="Tokens in the model at once.")] = 8192,
    layout: Annotated[str, typer.Option(help="Rows of a batch: auto, shared, packed or padded.")] = "auto",
    precision: Annotated[str, typer.Option(help="Matrix products in bf16 or fp16; no: float32.")] = "no",
    gradient_checkpointing: Annotated[
        bool, typer.Option("--gradient-checkpointing", help="Less memory, a third more time.")
    ] = False,
    lora: Annotated[int | None, typer.Option(metavar="RANK", help="Train adapters of this rank (peft).")] = None,
    qlora: Annotated[bool, typer.Option("--qlora", help="Adapters over 4-bit weights (CUDA).")] = False,
    processes: Annotated[int, typer.Option(min=1, help="Processes here, one a GPU; FSDP2 over them.")] = 1,
    parallel: Annotated[str, typer.Option(help="fsdp, or ddp: every process holds the whole model.")] = "fsdp",
    min_ess: Annotated[
        float, typer.Option(help="Stop where the effective sample size falls below this share of the samples.")
    ] = 0.0,
    checkpoint_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 20,
    log: Annotated[
        list[str] | None, typer.Option(help="tensorboard or wandb, beside metrics.jsonl; may be repeated.")
    ] = None,
) -> None:
    """Train a policy on the corpus: by default, distil its verified samples by the α-divergence to the target.

    Killed and started again, it goes on from its last checkpoint. --processes 8 trains on eight GPUs.
    """
    from train.config import Lora, TrainConfig
    from train.data import Selection
    from train.objectives import parse_arguments
    from train.trainer import train as run

    config = TrainConfig(
        corpus=corpus,
        model=model,
        out=out,
        alpha=alpha,
        objective=objective,
        objective_args=parse_arguments(objective_arg or []),
        selection=Selection(split=split, template=template, where=where, sql=sql),
        steps=steps,
        problems_per_step=problems_per_step,
        learning_rate=learning_rate,
        schedule=schedule,
        warmup=warmup,
        weight_decay=weight_decay,
        max_grad_norm=max_grad_norm,
        batch_tokens=batch_tokens,
        layout=layout,
        lora=Lora(16 if lora is None else lora, quantized=qlora) if lora is not None or qlora else None,
        mixed_precision=precision,
        gradient_checkpointing=gradient_checkpointing,
        seed=seed,
        min_ess=min_ess,
        checkpoint_every=checkpoint_every,
        processes=processes,
        parallel=parallel,
        trackers=tuple(log or ()),
    )
    print(run(config).as_text())


@app.command(
    epilog="Example:  cli loop --alpha 0.25 --model quickstart/policies/base --corpus quickstart/corpus --out loop "
    "--rounds 2 --problems-per-round 8 --n 4 --steps 3 --max-new-tokens 64"
)
def loop(
    model: Annotated[Path, typer.Option("--model", help="The base policy: round 0 is sampled from it.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the policies, one a round.")],
    alpha: Annotated[
        float | None, typer.Option("--alpha", help="0 covers every proof, 1 concentrates on the likely ones.")
    ] = None,
    objective: Annotated[str, typer.Option("--objective", help="As of `cli train`.")] = "alpha-dpg",
    objective_arg: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="An option of the objective (docs/objectives.md); may be repeated."),
    ] = None,
    corpus: CorpusOption = "corpus",
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="More of them later go on from the last.")] = 2,
    n: Annotated[int, typer.Option("--n", min=1, help="Samples of each problem in a round.")] = 48,
    problems_per_round: Annotated[int | None, typer.Option(min=1, help="None: all that are not settled.")] = None,
    problems_sql: Annotated[
        Path | None, typer.Option(help="A query for the problem_id of a round; getvariable('round') is its number.")
    ] = None,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Optimiser steps of a round.")] = 15,
    problems_per_step: Annotated[int, typer.Option("--problems-per-step", min=1)] = 128,
    learning_rate: Annotated[float, typer.Option("--learning-rate")] = 1e-4,
    replay: Annotated[
        int | None, typer.Option(min=0, help="Earlier rounds to learn from beside the newest; not given: all.")
    ] = None,
    z: Annotated[str, typer.Option("--z", help="Estimate Z from the draws of: corpus (all rounds), round.")] = "corpus",
    carry_optimizer: Annotated[
        bool, typer.Option("--carry-optimizer", help="Go on with the last round's optimiser: for --steps 1.")
    ] = False,
    min_ess: Annotated[
        float, typer.Option(help="A round's training stops where the effective sample size falls below this share.")
    ] = 0.0,
    staleness: Annotated[int, typer.Option(min=0, help="Rounds that sampling may be ahead of the training.")] = 0,
    keep_policies: Annotated[
        int | None, typer.Option(min=1, help="The newest policies whose weights stay on the disk; not given: all.")
    ] = None,
    on_empty: Annotated[str, typer.Option(help="When a round finds no proof: go-on, or stop.")] = "go-on",
    split: Annotated[str, typer.Option("--split", help="Sample the problems of this split.")] = "train",
    max_new_tokens: Annotated[int, typer.Option(min=1, help="A sample longer than this is cut, and no proof.")] = 1024,
    engine: Annotated[str, typer.Option(help="transformers, or vllm.")] = "transformers",
    engine_arg: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="An engine argument of vLLM; may be repeated.")
    ] = None,
    tensor_parallel: TensorParallelOption = 1,
    data_parallel: DataParallelOption = 1,
    distributed: Annotated[
        str | None, typer.Option(help="ray: engines and Leans are Ray actors; the training runs here.")
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="As of `cli train`.")] = 1,
    precision: Annotated[str, typer.Option(help="As of `cli train`.")] = "no",
    gradient_checkpointing: Annotated[
        bool, typer.Option("--gradient-checkpointing", help="As of `cli train`.")
    ] = False,
    batch_tokens: Annotated[int, typer.Option(min=1, help="As of `cli train`.")] = 8192,
    template: TemplateOption = "plain",
    lean: Annotated[str, typer.Option(metavar="LEAN", help="As of `cli filter`.")] = "embedded",
    seed: SeedOption = 0,
    workers: WorkersOption = None,
) -> None:
    """Train online: rounds of sampling, checking and training, every sample kept. Killed and run again, it goes on."""
    from filter.run import FilterConfig
    from gen.run import GenConfig
    from train.config import TrainConfig
    from train.loop import LoopConfig, run_loop
    from train.objectives import parse_arguments

    sampling = GenConfig(
        corpus=corpus, model=model, n=n, split=split, seed=seed, max_new_tokens=max_new_tokens, template=template,
        engine=engine, engine_args=tuple(engine_arg or ()), tensor_parallel=tensor_parallel,
        data_parallel=data_parallel, distributed=distributed,
    )  # fmt: skip
    training = TrainConfig(
        corpus=corpus, model=model, out=out, alpha=alpha, objective=objective,
        objective_args=parse_arguments(objective_arg or []), steps=steps, problems_per_step=problems_per_step,
        learning_rate=learning_rate, seed=seed, min_ess=min_ess, processes=processes, mixed_precision=precision,
        gradient_checkpointing=gradient_checkpointing, batch_tokens=batch_tokens,
    )  # fmt: skip
    config = LoopConfig(
        gen=sampling, train=training, out=out, rounds=rounds, problems_per_round=problems_per_round,
        problems_sql=problems_sql, replay=replay, z=z, staleness=staleness, on_empty=on_empty,
        carry_optimizer=carry_optimizer, keep_policies=keep_policies,
        filter=FilterConfig(corpus=corpus, lean=lean, workers=workers, distributed=distributed),
    )  # fmt: skip
    print(run_loop(config).as_text())


@app.command(
    epilog="Example:  cli pretrain quickstart/pairs.jsonl --out policies/small --corpus quickstart/corpus --steps 20"
)
def pretrain(
    pairs: Annotated[Path, typer.Argument(help="JSONL: a prompt and a completion a line.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the policy (Hugging Face format).")],
    corpus: CorpusOption = "corpus",
    steps: Annotated[int, typer.Option("--steps", min=1, help="Optimiser steps.")] = 1000,
    seed: SeedOption = 0,
) -> None:
    """Train a small Llama and its word-level tokenizer from scratch: a base policy for experiments on a laptop."""
    from train.pretrain import PretrainConfig
    from train.pretrain import pretrain as run

    print(run(PretrainConfig(pairs=pairs, out=out, corpus=corpus, steps=steps, seed=seed)).as_text())


@app.command(
    "eval",
    epilog="Example:  cli eval --model quickstart/policies/alpha-0.5 --against quickstart/policies/base "
    "--corpus quickstart/corpus --n 16 --max-new-tokens 128",
)
def eval_(
    model: Annotated[Path, typer.Option("--model", help="The policy to measure.")],
    corpus: CorpusOption = "corpus",
    split: Annotated[str, typer.Option("--split", help="The held-out problems; all: those of every split.")] = "test",
    where: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--where", help="Of these, the problems that a condition in SQL keeps: \"source = 'miniF2F'\"."),
    ] = None,
    problems_sql: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--problems-sql", metavar="FILE", help="Of these, the problem_id that the file's query returns."),
    ] = None,
    against: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option("--against", metavar="MODEL", help="Compare with this policy, in pairs; may be repeated."),
    ] = None,
    k: Annotated[
        Optional[list[int]],  # noqa: UP045
        typer.Option("--k", help="Show pass@k for this k; may be repeated. 1, 4, 16, … n unless said."),
    ] = None,
    base: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--base", metavar="MODEL", help="Whose perplexity; the policy that MODEL descends from."),
    ] = None,
    n: Annotated[int, typer.Option("--n", min=1, help="Samples per problem.")] = 64,
    seed: SeedOption = 0,
    temperature: TemperatureOption = 1.0,
    top_p: TopPOption = 1.0,
    top_k: TopKOption = 0,
    min_p: MinPOption = 0.0,
    max_new_tokens: MaxNewTokensOption = 1024,
    template: TemplateOption = "plain",
    engine: EngineOption = "transformers",
    engine_arg: EngineArgOption = None,
    tensor_parallel: TensorParallelOption = 1,
    data_parallel: DataParallelOption = 1,
    distributed: DistributedOption = None,
    lean: Annotated[str, typer.Option(metavar="LEAN", help="As of `cli filter`.")] = "embedded",
    workers: WorkersOption = None,
    format: Annotated[str, typer.Option("--format", help="text, json or markdown.")] = "text",
) -> None:
    """Measure pass@k for k = 1 … n, diversity and perplexity with 95 % intervals: sample, let Lean judge, count.

    What is there is not redone. With --against, both are sampled alike and compared problem by problem: differences of
    pass@k, and which problems became easier or harder.
    """
    if format not in ("text", "json", "markdown"):
        raise UsageError(f"--format {format}: unknown; there are text, json, markdown.")
    from train.evaluate import EvalConfig, evaluate_policy

    config = EvalConfig(
        corpus=corpus,
        model=model,
        split=None if split == "all" else split,
        n=n,
        seed=seed,
        max_new_tokens=max_new_tokens,
        workers=workers,
        lean=lean,
        where=where,
        problems_sql=problems_sql,
        against=tuple(against or ()),
        ks=tuple(sorted(set(k or ()))),
        base=base,
        temperature=temperature,
        top_p=top_p,
        top_k=top_k,
        min_p=min_p,
        template=template,
        engine=engine,
        engine_args=tuple(engine_arg or ()),
        tensor_parallel=tensor_parallel,
        data_parallel=data_parallel,
        distributed=distributed,
    )
    print(evaluate_policy(config).show(format))


@app.command(epilog="Example:  cli report --corpus quickstart/corpus --out report.html --figures figures")
def report(
    corpus: CorpusOption = "corpus",
    out: Annotated[Path, typer.Option("--out", help="The HTML file; everything it shows is in it.")] = Path(
        "report.html"
    ),
    split: Annotated[str, typer.Option("--split", help="The held-out problems.")] = "test",
    figures: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--figures", metavar="DIR", help="Also every figure as SVG (light and dark) and PNG."),
    ] = None,
) -> None:
    """Draw precision against coverage, pass@k, Z, verdicts and diversity of every policy evaluated in the corpus.

    Also training, difficulty, rounds and the loop's time line where the corpus has them.
    """
    from store.report import config_from_corpus, write_report

    print(write_report(config_from_corpus(corpus, out=out, split=split, figures=figures)))


@app.command(epilog="Example:  cli doctor --model quickstart/policies/base")
def doctor(
    model: Annotated[
        Path | None, typer.Option("--model", help="Also sample a little from this model and score it again.")
    ] = None,
    engine: Annotated[str, typer.Option(help="Sample with this engine: transformers, or vllm.")] = "transformers",
) -> None:
    """Say what is here (torch, GPUs, Lean, the sandbox, disk), what each command uses, how to get what is missing.

    With a model: how far the sampling engine's log-probabilities are from the trainer's.
    """
    from train.doctor import examine, probe_gap

    print(examine())
    if model:
        print(f"gap      {probe_gap(model, engine)}")


if __name__ == "__main__":
    main()
