"""The seam: an event of the browser goes in, a payload comes out. NumPy and the standard library only.

>>> from roialign_lab.lesson.session import Session
>>> from roialign_lab.stage import answer
>>> payload = answer(Session(), {"page": "roi_align", "box": [0, 3, 7, 8]})
>>> payload["panels"][0]["output"]
'0.4770 0.4710 0.4569 0.4552'
"""

from roialign_lab.stage.answer import EventError, answer

__all__ = ["EventError", "answer"]
