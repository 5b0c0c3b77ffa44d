"""What `./dev` does: install, run, test, check, bench. Not part of the portal; nothing in it may be imported by it."""
