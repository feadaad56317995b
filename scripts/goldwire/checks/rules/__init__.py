"""The rules, by topic: the text of each rule stands beside the check that reports it."""
