"""Validation of a workspace: rules, findings, waivers, reports."""
