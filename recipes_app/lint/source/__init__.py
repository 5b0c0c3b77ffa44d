"""The source lint: a source package from a tree, lintian, overrides. No Django."""
