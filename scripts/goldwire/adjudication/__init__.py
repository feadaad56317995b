"""From the annotators' layers to gold: votes, aggregation, disputes."""
