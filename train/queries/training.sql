-- training: what `cli train --where` and `--sql` choose from
-- grain: one row a draw that can be learnt from, verified or not
-- columns: those of corpus; log_base, log_sampler, log_ratio as in weights; z, n, n_verified, log_partition of the problem
--   under the base, as in partition
-- units: nats
CREATE OR REPLACE TEMP VIEW training AS
SELECT
    c.*, w.log_base, coalesce(w.log_sampler, c.logprob_sampler) AS log_sampler, w.log_ratio,
    p.z, p.n, p.n_verified, p.log_partition
FROM taking_part t
JOIN corpus c USING (sample_id)
CROSS JOIN target_base b
LEFT JOIN weights w ON w.base_policy_id = b.policy_id AND w.sample_id = t.sample_id
LEFT JOIN partition p ON p.policy_id = b.policy_id AND p.problem_id = t.problem_id;
