"""The edge inwards: the live account, an account export, a saved snapshot → a Snapshot. Sign-in and boto3 live here."""
