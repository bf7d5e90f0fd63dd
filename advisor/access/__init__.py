"""The whole account at once: the index behind who-can and what-can, and the access difference of two snapshots."""
