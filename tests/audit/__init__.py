"""What `make audit` does: independent checkers look at the published site."""
