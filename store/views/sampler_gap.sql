-- sampler_gap: how far the log-probabilities reported while sampling are from those computed again by `cli score --own`
-- grain: one row a policy with samples of its own that it has scored
-- columns: n samples, n_tokens; token_mean, token_p99, token_max of the absolute difference of a token's log-probability;
--   sequence_mean, sequence_max of the difference (scored − sampled) of the sums; ess: (Σ w)² / (n Σ w²) of the sequence
--   ratios w = exp(scored − sampled), the share of the samples that is left if they are weighted right: 1 is perfect
-- units: nats
CREATE OR REPLACE VIEW sampler_gap AS
WITH pairs AS (
    SELECT
        s.policy_id, s.logprob - d.logprob_policy AS difference,
        list_transform(list_zip(s.token_logprobs, d.token_logprobs), lambda pair: abs(pair[1] - pair[2])) AS gaps
    FROM scores s
    JOIN samples d ON d.sample_id = s.sample_id AND d.policy_id = s.policy_id
    WHERE d.logprob_policy IS NOT NULL
),
tokens AS (
    SELECT
        policy_id, count(gap) AS n_tokens, avg(gap) AS token_mean, quantile_cont(gap, 0.99) AS token_p99,
        max(gap) AS token_max
    FROM (SELECT policy_id, unnest(gaps) AS gap FROM pairs)
    GROUP BY ALL
),
sequences AS (
    SELECT
        policy_id, count(*) AS n, avg(difference) AS sequence_mean, max(abs(difference)) AS sequence_max,
        sum(exp(difference)) ** 2 / nullif(count(*) * sum(exp(2 * difference)), 0) AS ess
    FROM pairs
    GROUP BY ALL
)
SELECT policy_id, n, n_tokens, token_mean, token_p99, token_max, sequence_mean, sequence_max, ess
FROM sequences
LEFT JOIN tokens USING (policy_id)
ORDER BY policy_id;
