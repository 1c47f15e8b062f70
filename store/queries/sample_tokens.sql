-- rows: the tokens of one sample and their log-probabilities in nats
SELECT token_ids, token_logprobs FROM samples WHERE sample_id = $sample AND problem_id = $problem;
