"""What a Change does in the world: preview, export, apply, journal, undo; the set-up playbook."""
