-- unsolved: the problems without a verified proof by any policy, each named
-- grain: one row a problem, tried or not
-- columns: n: judged draws of all policies; z_high: the upper end of the 95 % Jeffreys interval of a pass rate after n
--   failures, as if all came from one policy; 1 where nothing was tried
CREATE OR REPLACE VIEW unsolved AS
WITH tried AS (
    SELECT problem_id, count(*) AS n, bool_or(verified) AS solved
    FROM draws
    GROUP BY problem_id
),
ends AS (
    SELECT n, jeffreys_quantile(0.975, 0, n) AS z_high
    FROM (SELECT DISTINCT n FROM tried WHERE NOT solved)
)
SELECT p.problem_id, p.name, p.split, coalesce(t.n, 0) AS n, coalesce(e.z_high, 1) AS z_high
FROM problems p
LEFT JOIN tried t USING (problem_id)
LEFT JOIN ends e ON e.n = t.n
WHERE NOT coalesce(t.solved, false);
