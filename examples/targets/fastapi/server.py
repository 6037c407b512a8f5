"""FastAPI under Uvicorn, streaming the answers of ../workload.md."""

import asyncio

import workload
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, StreamingResponse

app = FastAPI(openapi_url=None)
counted = {"started": 0, "finished": 0}


async def events(ttfb_s, chunks):
    await asyncio.sleep(ttfb_s)
    for number in range(chunks):
        if number:
            await asyncio.sleep(workload.gap_s())
        yield workload.event()
    yield workload.DONE
    counted["finished"] += 1


@app.get("/count")
async def count():
    return counted


@app.api_route("/{_path:path}", methods=["GET", "POST"])
async def answer(request: Request):
    try:
        ttfb_s, chunks = workload.asked(request.query_params)
    except ValueError:
        return PlainTextResponse(workload.EXPECTED, status_code=400)
    counted["started"] += 1
    # As a header: Starlette adds a charset to the media types of text.
    headers = {**workload.HEADERS, "Content-Type": workload.CONTENT_TYPE}
    return StreamingResponse(events(ttfb_s, chunks), headers=headers)
