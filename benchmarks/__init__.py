"""Each stage against its plain alternative: `python -m benchmarks.<stage>`."""
