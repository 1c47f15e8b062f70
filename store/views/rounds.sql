-- rounds: the finished rounds of every `cli loop`
-- grain: one row a (loop, round)
-- columns: loop, the folder of its policies; policy_id, sampled from; trained, what came out; n_problems, n_samples,
--   n_verified, n_solved of the round's own draws; learnt_from, the rounds whose draws it learnt from; ess of the ratios to
--   the policy that the training started from, as a share of the proofs; gap, the mean difference of a token's
--   log-probability at the hand-over of the weights, in nats; seconds by stage (gen, filter, score, train); written_at, when it ended
CREATE OR REPLACE VIEW rounds AS
WITH finished AS (
    SELECT record, written_at, (record->'$.stages')::STRUCT(stage VARCHAR, round INTEGER, "start" DOUBLE, "end" DOUBLE)[] AS stages
    FROM runs
    WHERE kind = 'loop'
)
SELECT
    record->>'$.config.out' AS loop,
    (record->>'$.round')::INTEGER AS round,
    record->>'$.policy_id' AS policy_id,
    record->>'$.trained' AS trained,
    json_array_length(record, '$.problems')::BIGINT AS n_problems,
    (record->>'$.num_samples')::BIGINT AS n_samples,
    (record->>'$.num_verified')::BIGINT AS n_verified,
    (record->>'$.num_solved')::BIGINT AS n_solved,
    (record->'$.learnt_from')::INTEGER[] AS learnt_from,
    (record->>'$.ess')::DOUBLE AS ess,
    (record->>'$.gap')::DOUBLE AS gap,
    map_from_entries([
        (name, list_sum([one."end" - one."start" FOR one IN stages IF one.stage = name]))
        FOR name IN list_distinct([one.stage FOR one IN stages])
    ]) AS seconds,
    written_at
FROM finished
QUALIFY row_number() OVER (PARTITION BY loop, round, trained ORDER BY written_at DESC) = 1;
