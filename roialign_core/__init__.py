"""RoI Pooling, RoI Align and bilinear interpolation with every intermediate number. NumPy only.

>>> from roialign_core import ROI_ALIGN, trace
>>> from roialign_core.examples import ANIMATION_MAP, ARTICLE_BOX
>>> trace(ANIMATION_MAP, ARTICLE_BOX, ROI_ALIGN, 2).output.round(4).tolist()
[[0.477, 0.471], [0.4569, 0.4552]]
"""

from importlib import import_module
from typing import TYPE_CHECKING

from roialign_core.bilinear import PointTrace, trace_point
from roialign_core.errors import BoxError, MapError, OptionError, RoIError
from roialign_core.operators import (
    CROP_AND_RESIZE,
    OPERATORS,
    PRECISE_ROI_POOL,
    PS_ROI_ALIGN,
    PS_ROI_POOL,
    ROI_ALIGN,
    ROI_ALIGN_LEGACY,
    ROI_ALIGN_LEGACY_MAX,
    ROI_ALIGN_MAX,
    ROI_ALIGN_ONNX_MAX,
    ROI_ALIGN_ROTATED,
    ROI_POOL,
    ROI_POOL_ANIMATION,
    ROI_POOL_ARTICLE,
    ROI_POOL_MMCV,
    ROI_WARP,
    Operator,
)
from roialign_core.pyramid import fpn_levels
from roialign_core.trace import Trace, trace

if TYPE_CHECKING:
    from roialign_core.batch import (
        crop_and_resize,
        extract,
        prroi_pool,
        ps_roi_align,
        ps_roi_pool,
        roi_align,
        roi_align_rotated,
        roi_pool,
        roi_warp,
    )
    from roialign_core.gradients import prroi_pool_backward, roi_align_backward, roi_pool_backward
    from roialign_core.multi_scale import multi_scale_roi_align

__all__ = [
    "CROP_AND_RESIZE",
    "OPERATORS",
    "PRECISE_ROI_POOL",
    "PS_ROI_ALIGN",
    "PS_ROI_POOL",
    "ROI_ALIGN",
    "ROI_ALIGN_LEGACY",
    "ROI_ALIGN_LEGACY_MAX",
    "ROI_ALIGN_MAX",
    "ROI_ALIGN_ONNX_MAX",
    "ROI_ALIGN_ROTATED",
    "ROI_POOL",
    "ROI_POOL_ANIMATION",
    "ROI_POOL_ARTICLE",
    "ROI_POOL_MMCV",
    "ROI_WARP",
    "BoxError",
    "MapError",
    "Operator",
    "OptionError",
    "PointTrace",
    "RoIError",
    "Trace",
    "crop_and_resize",
    "extract",
    "fpn_levels",
    "multi_scale_roi_align",
    "prroi_pool",
    "prroi_pool_backward",
    "ps_roi_align",
    "ps_roi_pool",
    "roi_align",
    "roi_align_backward",
    "roi_align_rotated",
    "roi_pool",
    "roi_pool_backward",
    "roi_warp",
    "trace",
    "trace_point",
]

_MODULE_OF = {
    "crop_and_resize": "batch",
    "extract": "batch",
    "prroi_pool": "batch",
    "ps_roi_align": "batch",
    "ps_roi_pool": "batch",
    "roi_align": "batch",
    "roi_align_rotated": "batch",
    "roi_pool": "batch",
    "roi_warp": "batch",
    "multi_scale_roi_align": "multi_scale",
    "prroi_pool_backward": "gradients",
    "roi_align_backward": "gradients",
    "roi_pool_backward": "gradients",
}


if not TYPE_CHECKING:  # type checkers read the imports above

    def __getattr__(name: str) -> object:
        """Import the calls on many boxes when they are first used: a trace does not need them."""
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
