"""A name and lines of text -> the places where the name stands."""
