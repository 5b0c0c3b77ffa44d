"""What keeps the site running: the sweep after crashes, pruning, how much work is waiting. May import any other service."""
