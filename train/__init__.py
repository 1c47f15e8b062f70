"""Verified samples in, a policy out.

`objective` holds the mathematics, `logprobs` the log-probabilities of completions in chunks, `data` reads the training
rows by SQL, `trainer` distils them into a policy, `pretrain` makes a small base policy from scratch, and `evaluate`
measures one on held-out problems. `adaptive` samples and checks in turns, by the stopping rules of `stopping`.
"""
