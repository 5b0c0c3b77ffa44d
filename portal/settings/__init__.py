"""Settings: `base` is common; `embedded` is one machine, one command; `production` reads the environment; `test` is pytest's."""
