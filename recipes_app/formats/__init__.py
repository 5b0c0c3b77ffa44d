"""Pure parsing of a recipe: no Django, no git, no network, no clock. Shared with the client as it stands.

`recipe.parse_recipe(tree)` is all that others call; `metadata` and `findings` are the types that it returns.
Imports inside are relative, so that the client's wheel can carry the folder under another name.
"""
