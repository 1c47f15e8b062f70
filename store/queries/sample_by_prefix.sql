-- rows: at most three samples whose id begins with $prefix, with their problems
SELECT DISTINCT sample_id, problem_id FROM samples WHERE starts_with(sample_id, $prefix) ORDER BY sample_id LIMIT 3;
