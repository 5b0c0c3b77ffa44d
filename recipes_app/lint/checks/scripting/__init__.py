"""Reading shell scripts and makefiles as far as the checks need it. Imports `formats` and `limits` alone."""
