"""Simple models of a release's labels, and probes for annotation artefacts."""
