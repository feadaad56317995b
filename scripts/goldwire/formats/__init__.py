"""Annotations in the formats of other tools: read, write and convert.

Each module is one format. It defines an object with the attributes and methods of `Format` in
`goldwire.formats.capabilities`; `goldwire.formats.registry` lists them, and other packages add theirs through the
entry-point group `goldwire.formats`. All offsets in `Document` are code points: each format converts
from and to the units of its tool.
"""
