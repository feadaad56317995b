"""Labels by machines: layers of their own, and suggestions that annotators start from.

`machines` names the machines and asks them; `machine_answers` checks their answers and makes layers of them. A
machine is a `gazetteer`, one of `ner_models`, or a `chat_model`, with its `chat_prompt`, `chat_client` and the
`quotes` by which it points into a text. `sources` makes suggestions for a batch, and `layers` says what became of
them.
"""
