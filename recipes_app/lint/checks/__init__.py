"""Recipe checks: our own eye on a recipe, beside lintian. Pure: they import `formats` and `limits` alone and run nothing.

`registry.run_checks` runs them and `registry.CHECKS` is the table. `base` says what a check is; `recipe` is what checks look at;
`examples` the recipe that each check's examples change. `rules` has the checks, a module for each group; `scripting` reads shell
scripts and makefiles. A static look proves nothing: it shows a reviewer where to read.
"""
