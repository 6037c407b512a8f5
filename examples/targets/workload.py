"""The workload of the Python servers, from workload.json beside it; workload.md says what it means."""

import json
import math
import os
import random
from pathlib import Path

_DEFINITION = json.loads(Path(__file__).with_name("workload.json").read_text(encoding="utf-8"))

CHUNKS_MEAN = float(os.environ.get("SOAK_CHUNKS_MEAN", _DEFINITION["chunksMean"]))
TTFB_MS = float(os.environ.get("SOAK_TTFB_MS", _DEFINITION["ttfbMs"]))

_SIGMA = _DEFINITION["chunksSigma"]
_FROM_S, _TO_S = (ms / 1000 for ms in _DEFINITION["gapMs"])
_EVENTS = [f"data: {word}\n\n".encode() for line in _DEFINITION["words"] for word in line.split(" ")]

DONE = b"data: [DONE]\n\n"
CONTENT_TYPE = "text/event-stream"
HEADERS = {"Cache-Control": "no-store"}
EXPECTED = "chunks_mean is a number from 1 to 1e6, ttfb_ms one from 0 to 1e6\n"


def asked(query):
    """
    Returns (seconds to the first chunk, number of chunks) of one answer.

    query: a mapping with the parameters of the URL. Raises ValueError where they are not numbers in range.
    """
    mean = float(query.get("chunks_mean", CHUNKS_MEAN))
    ttfb_ms = float(query.get("ttfb_ms", TTFB_MS))
    if not (1 <= mean <= 1e6 and 0 <= ttfb_ms <= 1e6):
        raise ValueError(EXPECTED)
    return ttfb_ms / 1000, max(1, round(random.lognormvariate(math.log(mean) - _SIGMA**2 / 2, _SIGMA)))


def gap_s():
    return random.uniform(_FROM_S, _TO_S)


def event():
    return random.choice(_EVENTS)
