#!/bin/sh
# The paper's way, a round a step, for every α and GRPO: `sh online.sh node` or `sh online.sh ray`.
#
# Every round's policy is stored in the type of the base. In bfloat16 steps of 2e-6 would be lost between the rounds, so the
# base is stored in float32 first; the engines compute in bfloat16 all the same.
set -eu
. "$(dirname "$0")/settings.sh"

if [ ! -e "$BASE_FLOAT32" ]; then
    python3 -c 'import sys, transformers as t
source, out = sys.argv[1:]
t.AutoTokenizer.from_pretrained(source).save_pretrained(out)
t.AutoModelForCausalLM.from_pretrained(source, dtype="float32").save_pretrained(out)' "$BASE" "$BASE_FLOAT32"
fi

round_by_round() {   # round_by_round NAME OBJECTIVE…
    name=$1
    shift
    $CLI loop --model "$BASE_FLOAT32" --out "$OUT/online-$name" --corpus "$CORPUS-$name" --template "$TEMPLATE" "$@" \
        --rounds "$STEPS" --problems-per-round "$PROBLEMS" --problems-sql "$(dirname "$0")/../twin/epochs.sql" --n "$N" --steps 1 \
        --problems-per-step "$PROBLEMS" --learning-rate "$RATE" --replay 0 --z round --carry-optimizer --keep-policies 2 \
        --max-new-tokens "$TOKENS" --lean "$LEAN" --workers "$LEANS" --processes "$GPUS" $TRAIN_FLAGS \
        $SHARED_ENGINE_FLAGS --data-parallel "$ENGINES" $EVERYWHERE
    last=$(printf '%s/online-%s/policies/round-%03d' "$OUT" "$name" $((STEPS - 1)))
    CORPUS="$CORPUS-$name" BASE="$BASE_FLOAT32" evaluate "$last"
}

for alpha in $ALPHAS; do
    CORPUS="$CORPUS-$alpha" sh "$(dirname "$0")/prepare.sh" "$@"
    round_by_round "$alpha" --alpha "$alpha" --objective-arg baseline=leave-one-out --objective-arg clip=10
done
CORPUS="$CORPUS-grpo" sh "$(dirname "$0")/prepare.sh" "$@"
round_by_round grpo --objective dr-grpo
