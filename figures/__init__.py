"""Trace -> Scene -> picture. No Streamlit. What draws is imported where something is drawn: :mod:`figures.draw`.

>>> from roialign_core import ROI_ALIGN, trace
>>> from roialign_core.examples import ANIMATION_MAP, ARTICLE_BOX
>>> [step.key for step in steps(trace(ANIMATION_MAP, ARTICLE_BOX, ROI_ALIGN, 2))]
['map', 'project', 'bins', 'samples', 'neighbors', 'values', 'join', 'result']
"""

from figures.scene import Focus, Scene
from figures.steps import Step, point_steps, steps

__all__ = ["Focus", "Scene", "Step", "point_steps", "steps"]
