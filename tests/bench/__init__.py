"""What `make bench` does: builds are measured beside stock Pelican and Hugo."""
