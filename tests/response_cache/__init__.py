"""Tests of ready answers: given again as long as nothing has changed, and never to the wrong one."""
