#!/usr/bin/env python3
"""A worker whose first attempt does what the library cannot send, or must cut; the second ends well."""

import logging
import sys

url, queue, libraries = sys.argv[1:4]
sys.path.insert(0, f"{libraries}/python")
from reprise_worker import ActivityError, Worker  # noqa: E402

worker = Worker(url, queue)


def large_result(attempt):
    return "x" * (3 << 20)


def result_without_json(attempt):
    return float("nan")


def large_details(attempt):
    attempt.heartbeat("x" * 4096)


def end_without_error(attempt):
    sys.exit("no error object")


def long_message(attempt):
    raise ActivityError("odd", "a" + "€" * 4000, retryable=False)


CASES = [large_result, result_without_json, large_details, end_without_error, long_message]


@worker.activity("bench.remote_step")
def odd_step(input, attempt):
    if attempt.number > 1:
        return {"i": 1}
    return CASES[input["work_ms"] - 1](attempt)


logging.basicConfig(level=logging.INFO, format="%(message)s")
worker.run()
