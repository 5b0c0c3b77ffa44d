"""Running a program that may be hostile: both levels, limits, supervision, and the proof that they hold. No Django."""
