"""The rules, by topic: each rule is defined beside the check that reports it."""
