"""
The server of the report that soakd grew out of: Django under Uvicorn, streaming simulated LLM answers.

One module is settings, URLs, view and application. There is no middleware, as any that touches the body would
buffer it. The answers are those of ../workload.md.
"""

import asyncio
import secrets

import workload
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponseBadRequest, JsonResponse, StreamingHttpResponse
from django.urls import path, re_path

settings.configure(
    ALLOWED_HOSTS=["*"],  # It listens on loopback; what the client calls it does not matter.
    LOGGING_CONFIG=None,
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    SECRET_KEY=secrets.token_hex(),  # Nothing is signed, but Django wants one.
)

counted = {"started": 0, "finished": 0}


async def events(ttfb_s, chunks):
    await asyncio.sleep(ttfb_s)
    for number in range(chunks):
        if number:
            await asyncio.sleep(workload.gap_s())
        yield workload.event()
    yield workload.DONE
    counted["finished"] += 1


async def answer(request):
    try:
        ttfb_s, chunks = workload.asked(request.GET)
    except ValueError:
        return HttpResponseBadRequest(workload.EXPECTED, content_type="text/plain")
    counted["started"] += 1
    return StreamingHttpResponse(
        events(ttfb_s, chunks), content_type=workload.CONTENT_TYPE, headers=workload.HEADERS
    )


async def count(_request):
    return JsonResponse(counted)


urlpatterns = [path("count", count), re_path(r"", answer)]
application = get_asgi_application()
