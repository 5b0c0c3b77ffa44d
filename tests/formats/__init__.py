"""Tests of the parser: what a recipe says, what is wrong with it and where, and that nothing makes it raise or crawl."""
