"""Facts (named questions to a snapshot), practices, findings and recommendations."""
