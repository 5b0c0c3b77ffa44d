"""The web pages. A view fetches with the access check, calls a service, and renders; it holds no rule."""
