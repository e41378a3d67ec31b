"""A plan as a picture: who does what, from left to right in the days on which it may begin. Pure.

`days` says when a step may begin, `words` what stands in its box, `grid` in which row and column
it stands, `routes` how the arrows go between the boxes; `layout` gives all of it its coordinates
and `svg` writes it down.
"""

from orchestrator.drawing.layout import Arrow, Box, Picture, layout
from orchestrator.drawing.marks import Mark
from orchestrator.drawing.svg import size, svg

__all__ = ["Arrow", "Box", "Mark", "Picture", "layout", "size", "svg"]
