"""The hostile corpus: recipes that somebody made to do harm, made on the spot, and what becomes of each. docs/security.md."""
