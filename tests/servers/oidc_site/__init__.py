"""Another site with accounts of its own, that signs its people in elsewhere by OpenID Connect: a stand-in for a GitLab."""
