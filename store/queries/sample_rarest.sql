-- rows: the verified sample of the least log π
SELECT sample_id FROM corpus WHERE verified ORDER BY logprob_policy NULLS LAST, sample_id LIMIT 1;
