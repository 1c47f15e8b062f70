-- epochs: the problems of a round, drawn anew for every round, without regard to what is known of them
-- grain: one row a problem of the split train; the loop takes the first --problems-per-round
SELECT problem_id
FROM problems
WHERE split = 'train'
ORDER BY md5(problem_id || getvariable('round')::VARCHAR);
