"""
Django under Gunicorn (WSGI), streaming the answers of ../workload.md: a process or a thread for each stream.

One module is settings, URLs, view and application. Gunicorn loads it once, before it forks its workers, so that
they share the counters.
"""

import multiprocessing
import secrets
import time

import workload
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponseBadRequest, JsonResponse, StreamingHttpResponse
from django.urls import path, re_path

settings.configure(
    ALLOWED_HOSTS=["*"],  # It listens on loopback; what the client calls it does not matter.
    LOGGING_CONFIG=None,
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    SECRET_KEY=secrets.token_hex(),  # Nothing is signed, but Django wants one.
)

started = multiprocessing.Value("q", 0)
finished = multiprocessing.Value("q", 0)


def add_one(counter):
    with counter.get_lock():
        counter.value += 1


def events(ttfb_s, chunks):
    # Gunicorn sends the headers with the first piece of the body, also with an empty one.
    yield b""
    time.sleep(ttfb_s)
    for number in range(chunks):
        if number:
            time.sleep(workload.gap_s())
        yield workload.event()
    yield workload.DONE
    add_one(finished)


def answer(request):
    try:
        ttfb_s, chunks = workload.asked(request.GET)
    except ValueError:
        return HttpResponseBadRequest(workload.EXPECTED, content_type="text/plain")
    add_one(started)
    return StreamingHttpResponse(
        events(ttfb_s, chunks), content_type=workload.CONTENT_TYPE, headers=workload.HEADERS
    )


def count(_request):
    return JsonResponse({"started": started.value, "finished": finished.value})


urlpatterns = [path("count", count), re_path(r"", answer)]
application = get_wsgi_application()
