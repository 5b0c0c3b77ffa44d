"""Tests of the lint room: grammar and rules from recorded text, the sandbox and the runner with the real programs."""
