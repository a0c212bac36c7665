"""The HTTP face: parse, make one call, render."""
