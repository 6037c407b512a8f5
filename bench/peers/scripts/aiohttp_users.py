"""What one writes by oneself: `aiohttp_users.py URL USERS SECONDS`, each user one stream after another.

The clock of TTFB starts before the request is asked for, as in most such scripts, so it holds the connect too.
"""
import asyncio
import json
import sys
import time

import aiohttp

URL, USERS, SECONDS = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])


async def user(session, until, ttfb_ms):
    while time.perf_counter() < until:
        asked = time.perf_counter()
        first = None
        async with session.get(URL) as response:
            async for _ in response.content.iter_any():
                if first is None:
                    first = time.perf_counter()
                    ttfb_ms.append((first - asked) * 1000)


async def main():
    ttfb_ms = []
    until = time.perf_counter() + SECONDS
    limits = aiohttp.ClientTimeout(total=300)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=limits) as session:
        await asyncio.gather(*(user(session, until, ttfb_ms) for _ in range(USERS)))
    ttfb_ms.sort()

    def share(p):
        return ttfb_ms[min(len(ttfb_ms) - 1, int(p * len(ttfb_ms)))]

    print(json.dumps({"mean": sum(ttfb_ms) / len(ttfb_ms), "p50": share(0.5), "p99": share(0.99)}))


asyncio.run(main())
