"""How dates look in each language where Django's own form is not the one that readers of this site know."""
