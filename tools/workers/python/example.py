#!/usr/bin/env python3
"""A worker for bench.remote: waits as long as its input says, and tells how far it is.

    reprise serve --bench
    tools/workers/python/example.py http://127.0.0.1:8000 QUEUE [SLOTS]
"""

import logging
import sys

from reprise_worker import Worker

url, queue = sys.argv[1:3]
worker = Worker(url, queue, slots=int(sys.argv[3]) if len(sys.argv) > 3 else 2)


@worker.activity("bench.remote_step")
def remote_step(input, attempt):
    done_ms = attempt.last_details or 0
    while done_ms < input.get("work_ms", 0):
        attempt.stopped.wait(0.01)
        attempt.check()
        done_ms += 10
        attempt.heartbeat(done_ms)
        if done_ms * 2 in range(input["work_ms"], input["work_ms"] + 20):
            logging.info("half %s", attempt.token)
    return {"i": input.get("i", 0)}


logging.basicConfig(level=logging.INFO, format="%(message)s")
worker.run()
