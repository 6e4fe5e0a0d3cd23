"""RoI Pooling, RoI Align and bilinear interpolation with every intermediate number. NumPy only.

>>> from roialign_core import ROI_ALIGN, trace
>>> from roialign_core.examples import ANIMATION_MAP, ARTICLE_BOX
>>> trace(ANIMATION_MAP, ARTICLE_BOX, ROI_ALIGN, 2).output.round(4).tolist()
[[0.477, 0.471], [0.4569, 0.4552]]
"""

from roialign_core.batched import roi_align, roi_pool
from roialign_core.bilinear import PointTrace, trace_point
from roialign_core.errors import BoxError, MapError, OptionError, RoIError
from roialign_core.operators import ROI_ALIGN, ROI_ALIGN_LEGACY, ROI_POOL, Operator
from roialign_core.trace import Trace, trace

__all__ = [
    "ROI_ALIGN",
    "ROI_ALIGN_LEGACY",
    "ROI_POOL",
    "BoxError",
    "MapError",
    "Operator",
    "OptionError",
    "PointTrace",
    "RoIError",
    "Trace",
    "roi_align",
    "roi_pool",
    "trace",
    "trace_point",
]
