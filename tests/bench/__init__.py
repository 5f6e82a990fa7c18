"""The benchmark, `make bench`: our system against its rivals, in one run (docs/benchmark.md)."""
