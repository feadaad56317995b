"""The rules of `goldwire check`, by what they look at."""
