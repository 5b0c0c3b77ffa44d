"""The tests: a folder for each room, `factories` for objects, `servers` for the real programs that a few of them drive."""
