"""The dumps: their bytes, their place, their signature, and what a client that follows the changes ends with."""
