"""The entrances of git: smart HTTP and SSH. Account, recipe and permission are resolved before git starts."""
