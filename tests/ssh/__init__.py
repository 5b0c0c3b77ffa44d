"""SSH as users meet it, driven by the real sshd, ssh and git."""
