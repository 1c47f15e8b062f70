-- difficulty_moves(first, second): where the problems of each difficulty went from one policy to another
-- grain: one row a (before, after) pair of difficulties that occurs, over the problems that both policies tried
-- columns: n_problems; share: of those that began there
CREATE OR REPLACE MACRO difficulty_moves(first, second) AS TABLE
WITH moves AS (
    SELECT a.difficulty AS before, b.difficulty AS after, count(*) AS n_problems
    FROM difficulty a
    JOIN difficulty b USING (problem_id)
    WHERE a.policy_id = first AND b.policy_id = second
    GROUP BY ALL
)
SELECT before, after, n_problems, n_problems / sum(n_problems) OVER (PARTITION BY before) AS share
FROM moves;
