"""Conformance: every case of a folder in the shared format against our evaluator, through one adapter."""
