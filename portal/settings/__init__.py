"""Settings: `base` is common, `embedded` is one command on one machine, `production` reads the environment, `test` is for pytest."""
