"""The Textual app. It talks to the front door of `advisor` only."""
