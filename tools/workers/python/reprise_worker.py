"""Remote workers for Reprise, in Python's standard library.

    worker = Worker("http://127.0.0.1:8000", queue="ocr", slots=4)

    @worker.activity("ocr.page")
    def read_page(input, attempt):
        for row in range(attempt.last_details or 0, input["rows"]):
            attempt.check()          # raises Stopped when nobody wants the result any more
            attempt.heartbeat(row)   # the next attempt gets it, should this one not end well
            ...
        return {"text": "..."}

    worker.run()  # until SIGTERM or SIGINT

Guarantees: an attempt that was taken is worked on by one thread, and a heartbeat is sent from another,
            three times within the heartbeat timeout. Results are sent until the server has answered
            that they are on disk, or that they are refused. On SIGTERM no new attempt is taken, and
            what is under way is finished.
Not guaranteed: that an attempt is the only one of its activity. After a timeout or a crash of the
            server another one begins, perhaps while this one still runs: use idempotency_key where
            doing something twice would matter.
"""

import http.client
import json
import logging
import os
import random
import signal
import socket
import threading
import urllib.parse

log = logging.getLogger("reprise_worker")

POLL_SECONDS = 30
CALL_SECONDS = 15
BEAT_SECONDS_MAX = 10  # also how long a cancellation stays unheard where nothing asks for heartbeats
BACKOFF_SECONDS = (0.1, 5.0)
DETAILS_BYTES_MAX = 4096


class ActivityError(Exception):
    """What an activity raises to fail with a type that retry policies know."""

    def __init__(self, type, message="", retryable=True, retry_after_ms=0):
        super().__init__(message)
        self.failure = {"type": str(type), "message": cut(message), "retryable": bool(retryable)}
        if retry_after_ms:
            self.failure["retry_after_ms"] = int(retry_after_ms)


class Stopped(Exception):
    """The attempt is cancelled, or another one has taken its place: its result would be refused."""


class Attempt:
    """One attempt of an activity, as its function sees it."""

    def __init__(self, task):
        self.token = task["token"]
        self.activity = task["activity"]
        self.number = task["attempt"]
        self.workflow_id = task["workflow_id"]
        self.idempotency_key = task["idempotency_key"]  # the same for each attempt
        self.input = task["input"]
        self.last_details = task["last_details"]
        self.time_left = task["time_left_ms"] / 1000
        self.beat_seconds = min((task["heartbeat_timeout_ms"] or 1e9) / 3000, BEAT_SECONDS_MAX)
        self.stopped = threading.Event()
        self._ended = threading.Event()
        self._details = None

    def heartbeat(self, details):
        """Goes out with the next heartbeat: any JSON, at most 4 KiB. ValueError, TypeError: it is not."""
        size = len(to_json(details))  # here, and not on the other thread, is where it can be mended
        if size > DETAILS_BYTES_MAX:
            raise ValueError(f"heartbeat details have {size} bytes of JSON, at most {DETAILS_BYTES_MAX}")
        self._details = details

    def check(self):
        if self.stopped.is_set():
            raise Stopped()


class Worker:
    def __init__(self, url, queue, slots=1, name=None):
        address = urllib.parse.urlsplit(url)
        if address.scheme != "http" or not address.hostname:
            raise ValueError(f"{url} is no address such as http://127.0.0.1:8000")
        self._host, self._port = address.hostname, address.port or 80
        self._queue = urllib.parse.quote(queue, safe="")
        self._name = name or f"{socket.gethostname()}/{os.getpid()}"
        self._slots = slots
        self._functions = {}
        self._stopping = threading.Event()
        self._polls = set()  # connections that wait
        self._lock = threading.Lock()  # guards _polls

    def activity(self, name):
        def register(function):
            self._functions[name] = function
            return function

        return register

    def run(self):
        """Works until SIGTERM or SIGINT. To be called on the main thread."""
        if not self._functions:
            raise ValueError("the worker has no activity: register one with @worker.activity(name)")
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        slots = [threading.Thread(target=self._work) for _ in range(self._slots)]
        for slot in slots:
            slot.start()
        while not self._stopping.wait(1):
            pass
        log.info("stopping")
        for slot in slots:
            while slot.is_alive():  # a poll may just begin
                self._end_polls()
                slot.join(0.1)

    # --- one slot: an attempt after the other ---

    def _work(self):
        backoff = Backoff(self._stopping)
        while not self._stopping.is_set():
            try:
                status, task = self._poll()
            except (OSError, http.client.HTTPException) as error:
                if not self._stopping.is_set():
                    log.warning("no work: %s", error)
                    backoff.wait()
                continue
            if status == 200:
                self._do(Attempt(task))
            elif status != 204:
                log.warning("no work: the queue answers %s: %s", status, task and task.get("detail"))
                backoff.wait()
                continue
            backoff.reset()

    def _poll(self):
        path = f"/api/v1/queues/{self._queue}/poll?wait={POLL_SECONDS}s"
        body = {"worker": self._name, "activities": sorted(self._functions)}
        connection = self._connection(POLL_SECONDS + CALL_SECONDS)
        with self._lock:
            self._polls.add(connection)
        try:
            if self._stopping.is_set():
                return 204, None
            return exchange(connection, path, body)
        finally:
            with self._lock:
                self._polls.discard(connection)
            connection.close()

    def _end_polls(self):
        with self._lock:
            for connection in self._polls:
                try:
                    if connection.sock is not None:
                        connection.sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it has ended by itself

    def _do(self, attempt):
        log.info("began %s", attempt.token)
        beats = threading.Thread(target=self._beat, args=(attempt,), daemon=True)
        beats.start()
        try:
            result = self._functions[attempt.activity](attempt.input, attempt)
            verb, body = "complete", {"result": result}
            to_json(body)
        except Stopped:
            verb, body = None, None
        except ActivityError as error:
            verb, body = "fail", error.failure
        except (Exception, SystemExit) as error:  # whatever it raises is a failure that may pass
            log.exception("%s raised", attempt.activity)
            verb, body = "fail", {"type": "exception", "message": cut(repr(error))}
        try:
            if verb:
                self._tell(attempt, verb, body)
        finally:
            attempt._ended.set()
            beats.join()

    def _tell(self, attempt, verb, body):
        """Sends the outcome until it is recorded or refused."""
        backoff = Backoff(attempt.stopped)
        while not attempt.stopped.is_set():
            try:
                status, answer = self._call(attempt, verb, body)
            except (OSError, http.client.HTTPException) as error:
                log.warning("no answer: %s", error)
                backoff.wait()
                continue
            if status >= 500:
                backoff.wait()
                continue
            log.info("%s %s", said(status, answer), attempt.token)
            if status in (200, 409) or verb == "fail":
                return
            # The server cannot take this result, and would not take it from another attempt either.
            verb, body = "fail", refused(answer)

    def _beat(self, attempt):
        while not attempt._ended.wait(attempt.beat_seconds):
            body = {} if attempt._details is None else {"details": attempt._details}
            try:
                status, answer = self._call(attempt, "heartbeat", body)
            except (OSError, http.client.HTTPException) as error:
                log.warning("no answer: %s", error)
                continue
            if status == 409 or (status == 200 and answer["status"] == "cancelled"):
                if not attempt._ended.is_set():
                    log.info("%s %s", said(status, answer), attempt.token)
                attempt.stopped.set()
                return
            if status != 200:
                log.warning("a heartbeat is answered %s: %s", status, answer)

    # --- HTTP ---

    def _call(self, attempt, verb, body):
        connection = self._connection(CALL_SECONDS)
        try:
            token = urllib.parse.quote(attempt.token, safe="")
            return exchange(connection, f"/api/v1/activities/{token}/{verb}", body)
        finally:
            connection.close()

    def _connection(self, seconds):
        return http.client.HTTPConnection(self._host, self._port, timeout=seconds)


def to_json(value):
    return json.dumps(value, allow_nan=False).encode()


def said(status, answer):
    """The word for what the server answered: recorded, cancelled, stale_attempt."""
    return answer["status"] if status == 200 else answer.get("code", status)


def cut(message):
    """What a failure's message may hold: 3000 characters, and no half of one."""
    return str(message).encode(errors="replace").decode()[:3000]


def refused(problem):
    message = f"the server refused the result: {problem.get('code')}: {problem.get('detail')}"
    return {"type": "result_refused", "message": cut(message), "retryable": False}


def exchange(connection, path, body):
    """Posts JSON; the answer's status and JSON."""
    try:
        connection.request("POST", path, to_json(body), {"Content-Type": "application/json"})
    except (BrokenPipeError, ConnectionResetError):
        pass  # what is too large is refused before all of it is sent: the answer says so
    response = connection.getresponse()
    text = response.read()
    try:
        return response.status, json.loads(text) if text else None
    except ValueError as error:
        raise http.client.HTTPException(f"{response.status} without JSON: {text[:100]!r}") from error


class Backoff:
    """Waits longer each time, with jitter, and not at all once `until` is set."""

    def __init__(self, until):
        self._until = until
        self.reset()

    def reset(self):
        self._seconds = BACKOFF_SECONDS[0]

    def wait(self):
        self._until.wait(self._seconds * random.uniform(0.5, 1))
        self._seconds = min(2 * self._seconds, BACKOFF_SECONDS[1])
