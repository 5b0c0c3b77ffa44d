"""Trial builds: which are wanted, what they need, what they result in. May import `lint` and below."""
