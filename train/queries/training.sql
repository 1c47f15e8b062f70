-- training: what `cli train --where` and `--sql` choose from
-- grain: one row a draw that can be learnt from, verified or not
-- columns: those of corpus; log_base, log_sampler, log_ratio as in weights; z, n, n_verified, log_partition of the problem
--   under the base, as in partition
-- units: nats
CREATE OR REPLACE TEMP VIEW training AS
SELECT
    c.*, CASE WHEN c.policy_id = b.policy_id THEN c.logprob_policy ELSE s.logprob END AS log_base,
    c.logprob_sampler AS log_sampler,
    CASE WHEN c.verified THEN log_base - p.log_partition - log_sampler END AS log_ratio,
    p.z, p.n, p.n_verified, p.log_partition
FROM taking_part t
JOIN corpus c USING (sample_id)
CROSS JOIN target_base b
LEFT JOIN scores s ON s.policy_id = b.policy_id AND s.sample_id = t.sample_id
LEFT JOIN partition p ON p.policy_id = b.policy_id AND p.problem_id = t.problem_id;
