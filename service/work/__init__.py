"""What is done with documents, and where: in worker processes, never on the event loop."""

from service.work.answers import answer_page
from service.work.jobs import Answered, ApplyAnswer, Given, MaskDocument, ScreenUpload
from service.work.pictures import Layer, draw_page
from service.work.runner import Runner
from service.work.sweeper import Sweeper

__all__ = [
    "Answered",
    "ApplyAnswer",
    "Given",
    "Layer",
    "MaskDocument",
    "Runner",
    "ScreenUpload",
    "Sweeper",
    "answer_page",
    "draw_page",
]
