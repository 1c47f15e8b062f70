#!/bin/sh
# One pool, sampled and judged once, then a policy for every α: `sh offline.sh node` or `sh offline.sh ray`.
# Interrupted and started again, every command goes on where it stopped.
set -eu
. "$(dirname "$0")/settings.sh"

$CLI gen --model "$BASE" --corpus "$CORPUS" --split train --n "$POOL_N" --max-new-tokens "$TOKENS" \
    --template "$TEMPLATE" $ENGINE_FLAGS --data-parallel "$ENGINES" $EVERYWHERE
judge
for alpha in $ALPHAS; do
    $CLI train --alpha "$alpha" --model "$BASE" --out "$OUT/offline-$alpha" --corpus "$CORPUS" --template "$TEMPLATE" \
        --steps "$STEPS" --problems-per-step "$PROBLEMS" --learning-rate "$RATE" --processes "$GPUS" $TRAIN_FLAGS
    evaluate "$OUT/offline-$alpha"
done
$CLI report --corpus "$CORPUS" --out offline.html
