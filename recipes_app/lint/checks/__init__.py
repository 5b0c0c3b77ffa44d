"""Recipe checks: our own eye on a recipe, beside lintian. Pure: they import `formats` and `limits` alone and run nothing.

`registry.run_checks` is the door and `registry.CHECKS` the table. `base` says what a check is; `recipe` is what checks look at;
`examples` the recipe that each check's examples change; each other module reads one kind of file or holds the checks of one
family. A static look proves nothing: it shows a reviewer where to read.
"""
