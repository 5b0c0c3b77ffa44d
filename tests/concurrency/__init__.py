"""Many clients at once against a served portal: what is counted must be exact on both databases."""
