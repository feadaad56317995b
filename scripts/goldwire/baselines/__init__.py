"""Simple models and artefact probes of a release."""
