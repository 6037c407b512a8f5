"""
The server of the report that soakd grew out of: Django under Uvicorn, streaming simulated LLM answers.

One module is settings, URLs, view and application. There is no middleware, as any that touches the body would
buffer it. Every answer is server-sent events: headers at once, the first chunk after SOAK_TTFB_MS, a chunk
every 10 to 140 ms, then [DONE]. The number of chunks varies from answer to answer (lognormal).
"""

import asyncio
import math
import os
import random
import secrets

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponseBadRequest, StreamingHttpResponse
from django.urls import re_path

settings.configure(
    ALLOWED_HOSTS=["*"],  # It listens on loopback; what the client calls it does not matter.
    LOGGING_CONFIG=None,
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    SECRET_KEY=secrets.token_hex(),  # Nothing is signed, but Django wants one.
)

CHUNKS_MEAN = float(os.environ.get("SOAK_CHUNKS_MEAN", "403"))
TTFB_MS = float(os.environ.get("SOAK_TTFB_MS", "1100"))
GAP_S = (0.010, 0.140)

# Of the logarithm of the number of chunks: with it P95 of an answer's duration is 1.44 times the mean.
SIGMA = 0.2465


def payloads(count=1000):
    """Events of 15.3 bytes and 3.85 characters in the mean: nine in ten of the characters take two bytes."""
    draw = random.Random(1)
    made = []
    for _ in range(count):
        length = 3 if draw.random() < 0.35 else 4 if draw.random() < 0.7 else 5
        text = "".join(
            draw.choice("αβγδεζηθικλμνξοπρστυφχψω" if draw.random() < 0.9 else "etaoinshr") for _ in range(length)
        )
        made.append(f"data: {text}\n\n".encode())
    return made


PAYLOADS = payloads()


async def events(ttfb_s, chunks):
    await asyncio.sleep(ttfb_s)
    for number in range(chunks):
        if number:
            await asyncio.sleep(random.uniform(*GAP_S))
        yield random.choice(PAYLOADS)
    yield b"data: [DONE]\n\n"


async def answer(request):
    try:
        mean = float(request.GET.get("chunks_mean", CHUNKS_MEAN))
        ttfb_ms = float(request.GET.get("ttfb_ms", TTFB_MS))
    except ValueError:
        return HttpResponseBadRequest("chunks_mean and ttfb_ms are numbers\n", content_type="text/plain")
    if not (1 <= mean <= 1e6 and 0 <= ttfb_ms <= 1e6):
        return HttpResponseBadRequest("chunks_mean is 1 to 1e6, ttfb_ms 0 to 1e6\n", content_type="text/plain")
    chunks = max(1, round(random.lognormvariate(math.log(mean) - SIGMA**2 / 2, SIGMA)))
    return StreamingHttpResponse(
        events(ttfb_ms / 1000, chunks),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


urlpatterns = [re_path(r"", answer)]
application = get_asgi_application()
