# The numbers of arXiv 2512.05962, and where things are. Each can be set from outside: `STEPS=20 sh offline.sh`.
# Sourced by the other scripts. The first argument says where it runs: node (one machine) or ray (a cluster).

: "${CLI:=cli}"
: "${CORPUS:=corpus}"                      # on a cluster: s3://…, or a folder that every machine has
: "${OUT:=policies}"                       # on a cluster: a folder that every machine has
: "${BASE:=models/DeepSeek-Prover-V1.5-SFT}"
: "${BASE_FLOAT32:=models/DeepSeek-Prover-V1.5-SFT-float32}"   # the same, stored in float32: online.sh says why
: "${TRAIN_PROBLEMS:=lean-workbook-10k.jsonl}"
: "${TEST_PROBLEMS:=held-out-200.jsonl}"
: "${TEMPLATE:=deepseek-prover-v1.5}"
: "${LEAN:=judge}"                         # a Lake project with Mathlib: docs/lean-projects.md
: "${LEANS:=64}"                           # Lean processes at once
: "${GPUS:=8}"                             # of the machine that trains
: "${ENGINES:=8}"                          # on a cluster: as many as it has GPUs that do not train
: "${TOKENS:=1024}"                        # of a completion, at most
: "${PROBLEMS:=128}"                       # a step
: "${N:=4}"                                # draws of a problem in a step
: "${STEPS:=200}"
: "${POOL_N:=10}"                          # draws of each of the 10,000 problems: as many in all as online
: "${RATE:=2e-6}"
: "${ALPHAS:=0 0.25 0.5 0.75 0.9 0.999}"
: "${EVAL_N:=256}"

# Flags that belong together. Empty ENGINE_FLAGS and TRAIN_FLAGS run on a machine without a GPU.
: "${ENGINE_FLAGS=--engine vllm --engine-arg dtype=bfloat16 --engine-arg gpu_memory_utilization=0.85}"
: "${SHARED_ENGINE_FLAGS=--engine vllm --engine-arg dtype=bfloat16 --engine-arg gpu_memory_utilization=0.5}"
: "${TRAIN_FLAGS=--precision bf16 --gradient-checkpointing --batch-tokens 16384}"

case "${1:-node}" in
node) EVERYWHERE="" ;;
ray) EVERYWHERE="--distributed ray" ;;
*) echo "usage: $0 [node|ray]" >&2; exit 2 ;;
esac

evaluate() {   # evaluate POLICY: pass@1 … pass@256 of the held-out problems, in pairs against the base
    $CLI eval --model "$1" --against "$BASE" --corpus "$CORPUS" --split test --n "$EVAL_N" --top-p 0.99 \
        --max-new-tokens "$TOKENS" --template "$TEMPLATE" $ENGINE_FLAGS --data-parallel "$ENGINES" \
        --lean "$LEAN" --workers "$LEANS" $EVERYWHERE
}

judge() {
    $CLI filter --corpus "$CORPUS" --lean "$LEAN" --workers "$LEANS" $EVERYWHERE
}
