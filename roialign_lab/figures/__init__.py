"""What is seen: a trace becomes a walk of scenes, a scene becomes strokes. NumPy and the standard library only.

>>> from roialign_core import ROI_ALIGN, trace
>>> from roialign_core.examples import ANIMATION_MAP, ARTICLE_BOX
>>> [step.key for step in steps(trace(ANIMATION_MAP, ARTICLE_BOX, ROI_ALIGN, 2))]
['map', 'project', 'bins', 'samples', 'neighbors', 'values', 'join', 'result']
"""

from roialign_lab.figures.point_steps import point_steps
from roialign_lab.figures.scene import Scene
from roialign_lab.figures.steps import Step, steps
from roialign_lab.lesson.scenario import Focus

__all__ = ["Focus", "Scene", "Step", "point_steps", "steps"]
