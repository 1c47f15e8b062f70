-- steps: the optimiser steps of every finished training; `cli loop` finishes one a round
-- grain: one row a step
-- columns: policy_id, what came out; parent_policy_id, what it started from; objective with its options; step, from 1; loss;
--   grad_norm before clipping; learning_rate; verified, the share of the step's draws; ess, the effective sample size of the
--   weights as a share of them; forward_kl, KL(p ‖ π_θ) in nats; tokens and tokens_per_second; metrics, all that the step
--   reported, by name; written_at, when the training ended
CREATE OR REPLACE VIEW steps AS
WITH trained AS (
    SELECT record->'$.result' AS result, written_at, unnest((record->'$.steps')::MAP(VARCHAR, DOUBLE)[]) AS metrics
    FROM runs
    WHERE kind = 'train'
)
SELECT
    result->>'$.policy_id' AS policy_id,
    result->>'$.parent_policy_id' AS parent_policy_id,
    result->>'$.objective' AS objective,
    metrics['step']::INTEGER AS step,
    metrics['loss'] AS loss,
    metrics['grad_norm'] AS grad_norm,
    metrics['learning_rate'] AS learning_rate,
    metrics['verified'] AS verified,
    metrics['ess'] AS ess,
    metrics['forward_kl'] AS forward_kl,
    metrics['tokens']::BIGINT AS tokens,
    metrics['tokens_per_second'] AS tokens_per_second,
    metrics,
    written_at
FROM trained
QUALIFY row_number() OVER (PARTITION BY policy_id, step ORDER BY written_at DESC) = 1;
