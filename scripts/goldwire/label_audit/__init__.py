"""Labels that are likely wrong: models that did not see them, copies, surfaces and the habits of annotators. Pure."""
