"""What `make audit` does: outside judges look at the published site."""
