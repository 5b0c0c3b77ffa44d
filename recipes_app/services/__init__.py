"""Every rule and every write. Web, API, SSH and tasks are thin callers of what stands here."""
