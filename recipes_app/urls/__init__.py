"""The addresses of the pages, a module for each subject; `pages` includes the others."""
