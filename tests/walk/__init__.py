"""What the permission walk needs: the accounts, the things to act on, and how each act is tried at each entrance."""
