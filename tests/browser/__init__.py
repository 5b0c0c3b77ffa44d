"""The portal in a real browser, over a real server: what a user does with it from the first page on."""
