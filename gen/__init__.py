"""Problems to samples: in go the problems of a corpus and a model folder, out come completions with log-probabilities.

`gen.run.generate` is the door. An engine (`gen.engine`) takes a stream of requests and gives a stream of finished
samples; `gen.plan` cuts the work into shards that are written whole; `gen.template` and `gen.prompts` say what the
model is shown.
"""
