"""What runs inside a Pelican build, one concern a file."""
