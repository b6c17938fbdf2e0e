"""Looking at evidence by hand in a notebook."""
