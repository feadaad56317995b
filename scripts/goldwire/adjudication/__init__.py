"""From the annotators' layers to gold: votes, aggregation, disputes.

`methods` is the entry: it names what may decide and runs it. `voting` has the aggregators, from majority to models of
annotators; `decisions` decides one mention or stance, and `aggregation` a whole batch. `disputes` prepares what
remains for an expert, and `expert_comments` reads the expert's reasons. `merging` joins the gold of several batches,
`sister_sentences` finds copies of a sentence that were decided differently, and `provenance` counts who decided.
"""
