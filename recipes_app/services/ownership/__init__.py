"""Who maintains a recipe: hand-over, co-maintainers, invitations, and rulings on the class of a model.

May import `gates` and below.
"""
