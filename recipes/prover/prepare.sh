#!/bin/sh
# The problems into the corpus: 10,000 of Lean Workbook to train on, 200 held-out ones.
set -eu
. "$(dirname "$0")/settings.sh"

$CLI import problems "$TRAIN_PROBLEMS" --corpus "$CORPUS" --split train
$CLI import problems "$TEST_PROBLEMS" --corpus "$CORPUS" --split test
