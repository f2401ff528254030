"""The doors: each speaks one protocol and holds no policy."""
