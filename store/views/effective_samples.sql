-- effective_samples: how many draws from a base an estimate on all its weighted draws is worth
-- grain: one row a (base_policy_id, problem_id); with problem_id NULL, one row a base over all its problems
-- columns: n: draws whose log-probability under the base is known; ess: (Σ w)² / Σ w², w = π_base/q of each draw
--   ess_target: the same with the weights v·p/q, of the verified draws alone: what training at α = 0 rests on
-- units: samples
CREATE OR REPLACE VIEW effective_samples AS
SELECT
    base_policy_id, problem_id, count(*) AS n,
    sum(w) ** 2 / nullif(sum(w ** 2), 0) AS ess,
    sum(w) FILTER (WHERE verified) ** 2 / nullif(sum(w ** 2) FILTER (WHERE verified), 0) AS ess_target
FROM (SELECT base_policy_id, problem_id, verified, exp(log_base - log_sampler) AS w FROM weights)
GROUP BY GROUPING SETS ((base_policy_id, problem_id), (base_policy_id));
