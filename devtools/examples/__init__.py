"""`./dev examples`: the lines of the portal's pages, run in fresh Debian systems by an ordinary user.

`serving` starts a portal with the examples, `page` cuts the lines out of its HTML, `systems` makes the fresh systems, `terminal`
types, `run` goes through a recipe's blocks, `table` tells what came of it. May import `devtools` and `recipes_app.formats`.
"""
