-- stretches: the problems of the table numbers, cut so that few rows are sorted with their texts at once
-- grain: one row a stretch of problems, in order; first_problem, last_problem: its ends, both in it
-- parameters: $rows: of a stretch, at most about that many, unless one problem has more
SELECT min(problem_id) AS first_problem, max(problem_id) AS last_problem
FROM (SELECT problem_id, (sum(count(*)) OVER (ORDER BY problem_id) - 1) // $rows::BIGINT AS stretch FROM numbers GROUP BY problem_id)
GROUP BY stretch
ORDER BY first_problem;
