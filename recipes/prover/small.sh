#!/bin/sh
# The same scripts on a laptop, in minutes: `sh small.sh QUICKSTART`, a finished `cli quickstart`. Its numbers say nothing.
set -eu
: "${CLI:=cli}"
here=$(cd "$(dirname "$0")" && pwd)
quickstart=$(cd "$1" && pwd)
mkdir -p small
cd small
for split in train test; do
    $CLI sql --corpus "$quickstart/corpus" --format json --out "$split.jsonl" \
        "SELECT name, header, statement, split FROM problems WHERE split = '$split' ORDER BY problem_id LIMIT 16"
done
export CLI BASE="$quickstart/policies/base" BASE_FLOAT32="$quickstart/policies/base"
export TRAIN_PROBLEMS=train.jsonl TEST_PROBLEMS=test.jsonl TEMPLATE=plain LEAN=embedded LEANS=2 GPUS=1 ENGINES=1 TOKENS=64
export PROBLEMS=8 N=8 STEPS=2 POOL_N=8 RATE=3e-4 ALPHAS=0.25 EVAL_N=8 ENGINE_FLAGS= SHARED_ENGINE_FLAGS= TRAIN_FLAGS=
sh "$here/prepare.sh" node
sh "$here/offline.sh" node
sh "$here/online.sh" node
