-- importance_weight(alpha): the factor of the α-weight that training never changes, v·(p/q)^(1−α)
-- grain: one row a (base_policy_id, sample_id), as `weights`; 0 where not verified
CREATE OR REPLACE MACRO importance_weight(alpha) AS TABLE
SELECT *, CASE WHEN verified THEN exp((1 - alpha) * log_ratio) ELSE 0 END AS weight
FROM weights;
