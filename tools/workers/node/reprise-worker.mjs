// Remote workers for Reprise, in Node's standard library.
//
//     const worker = new Worker("http://127.0.0.1:8000", "ocr", { slots: 4 });
//     worker.activity("ocr.page", async (input, attempt) => {
//       for (let row = attempt.lastDetails ?? 0; row < input.rows; ++row) {
//         attempt.check();         // throws Stopped when nobody wants the result any more
//         attempt.heartbeat(row);  // the next attempt gets it, should this one not end well
//         …
//       }
//       return { text: "…" };
//     });
//     await worker.run();  // until SIGTERM or SIGINT
//
// Guarantees: a heartbeat is sent three times within the heartbeat timeout, as long as the activity
//             does not block the event loop. Results are sent until the server has answered that they
//             are on disk, or that they are refused. On SIGTERM no new attempt is taken, and what is
//             under way is finished.
// Not guaranteed: that an attempt is the only one of its activity. After a timeout or a crash of the
//             server another one begins, perhaps while this one still runs: use idempotencyKey where
//             doing something twice would matter.
import { setMaxListeners } from "node:events";
import http from "node:http";
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 30_000;
const CALL_MS = 15_000;
const BEAT_MS_MAX = 10_000; // also how long a cancellation stays unheard where nothing asks for heartbeats
const BACKOFF_MS = [100, 5_000];
const DETAILS_BYTES_MAX = 4096;

// What an activity throws to fail with a type that retry policies know.
export class ActivityError extends Error {
  constructor(type, message = "", { retryable = true, retryAfterMs = 0 } = {}) {
    super(message);
    this.failure = { type, message: cut(message), retryable };
    if (retryAfterMs > 0) this.failure.retry_after_ms = retryAfterMs;
  }
}

// The attempt is cancelled, or another one has taken its place: its result would be refused.
export class Stopped extends Error {}

// One attempt of an activity, as its function sees it. `signal` aborts when it should stop.
class Attempt {
  #details;
  #stop = new AbortController();

  constructor(task) {
    this.token = task.token;
    this.activity = task.activity;
    this.number = task.attempt;
    this.workflowId = task.workflow_id;
    this.idempotencyKey = task.idempotency_key; // the same for each attempt
    this.input = task.input;
    this.lastDetails = task.last_details;
    this.timeLeftMs = task.time_left_ms;
    this.beatMs = Math.min((task.heartbeat_timeout_ms ?? Infinity) / 3, BEAT_MS_MAX);
    this.signal = this.#stop.signal;
  }
  // Goes out with the next heartbeat: any JSON, at most 4 KiB. Throws when it is not.
  heartbeat(details) {
    const bytes = Buffer.byteLength(JSON.stringify(details) ?? "");
    if (bytes > DETAILS_BYTES_MAX)
      throw new RangeError(`heartbeat details have ${bytes} bytes of JSON, at most ${DETAILS_BYTES_MAX}`);
    this.#details = details;
  }
  check() {
    if (this.signal.aborted) throw new Stopped();
  }
  stop() {
    this.#stop.abort();
  }
  beatBody() {
    return JSON.stringify(this.#details === undefined ? {} : { details: this.#details });
  }
}

export class Worker {
  #functions = new Map();
  #stopping = new AbortController();

  constructor(url, queue, { slots = 1, name, log = console.error } = {}) {
    if (new URL(url).protocol !== "http:")
      throw new RangeError(`${url} is no address such as http://127.0.0.1:8000`);
    this.url = url;
    this.queue = queue;
    this.slots = slots;
    this.name = name ?? `${os.hostname()}/${process.pid}`;
    this.log = log;
  }
  activity(name, run) {
    this.#functions.set(name, run);
  }
  async run() {
    if (this.#functions.size === 0)
      throw new RangeError("the worker has no activity: register one with worker.activity(name, run)");
    setMaxListeners(0, this.#stopping.signal); // one for each slot
    const stop = () => {
      this.log("stopping");
      this.#stopping.abort();
    };
    process.on("SIGTERM", stop).on("SIGINT", stop);
    await Promise.all(Array.from({ length: this.slots }, () => this.#work()));
  }

  // --- one slot: an attempt after the other ---
  async #work() {
    const stopping = this.#stopping.signal;
    const backoff = new Backoff(stopping);
    while (!stopping.aborted) {
      try {
        const { status, json } = await this.#poll(stopping);
        if (status === 200) await this.#do(new Attempt(json));
        else if (status !== 204) throw new Error(`the queue answers ${status}: ${json?.detail}`);
        backoff.reset();
      } catch (error) {
        if (stopping.aborted) return;
        this.log(`no work: ${error.message}`);
        await backoff.wait();
      }
    }
  }
  #poll(signal) {
    const path = `/api/v1/queues/${encodeURIComponent(this.queue)}/poll?wait=${POLL_MS}ms`;
    const body = JSON.stringify({ worker: this.name, activities: [...this.#functions.keys()] });
    return exchange(this.url, path, body, { signal, timeout: POLL_MS + CALL_MS });
  }
  async #do(attempt) {
    this.log(`began ${attempt.token}`);
    const beats = this.#beat(attempt);
    let verb = "complete";
    let body;
    try {
      const result = await this.#functions.get(attempt.activity)(attempt.input, attempt);
      body = JSON.stringify({ result: result ?? null });
    } catch (error) {
      verb = error instanceof Stopped ? null : "fail";
      const failure = { type: "exception", message: cut(error) };
      body = JSON.stringify(error?.failure ?? failure);
    }
    if (verb) await this.#tell(attempt, verb, body);
    beats.end();
  }
  // Sends the outcome until it is recorded or refused.
  async #tell(attempt, verb, body) {
    const backoff = new Backoff(attempt.signal);
    while (!attempt.signal.aborted) {
      try {
        const { status, json } = await this.#call(attempt, verb, body);
        if (status < 500) {
          this.log(`${status === 200 ? json.status : json.code} ${attempt.token}`);
          if (status === 200 || status === 409 || verb === "fail") return;
          // The server cannot take this result, and would not take it from another attempt either.
          verb = "fail";
          body = refused(json);
          continue;
        }
      } catch (error) {
        this.log(`no answer: ${error.message}`);
      }
      await backoff.wait();
    }
  }
  #beat(attempt) {
    let ended = false;
    const send = async () => {
      try {
        const { status, json } = await this.#call(attempt, "heartbeat", attempt.beatBody());
        if (ended || (status === 200 && json.status === "current")) return;
        if (status !== 200 && status !== 409) return this.log(`a heartbeat is answered ${status}`);
        this.log(`${status === 409 ? json.code : json.status} ${attempt.token}`);
        end();
        attempt.stop();
      } catch (error) {
        this.log(`no answer: ${error.message}`);
      }
    };
    const timer = setInterval(send, attempt.beatMs);
    const end = () => {
      ended = true;
      clearInterval(timer);
    };
    return { end };
  }
  #call(attempt, verb, body) {
    const path = `/api/v1/activities/${encodeURIComponent(attempt.token)}/${verb}`;
    return exchange(this.url, path, body, { timeout: CALL_MS });
  }
}

// What a failure's message may hold: 3000 characters, and no half of one.
function cut(message) {
  return Buffer.from(String(message).slice(0, 3000)).toString();
}

function refused({ code, detail }) {
  const message = cut(`the server refused the result: ${code}: ${detail}`);
  return JSON.stringify({ type: "result_refused", message, retryable: false });
}

// Posts JSON text; the answer's status and JSON.
function exchange(url, path, text, { signal, timeout }) {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) };
    const request = http.request(new URL(path, url), { method: "POST", headers, signal, agent: false });
    request.setTimeout(timeout, () => request.destroy(new Error("no answer in time")));
    request.on("error", reject);
    request.on("response", (response) => {
      let answer = "";
      response.setEncoding("utf8");
      response.on("data", (piece) => (answer += piece));
      response.on("error", reject);
      response.on("end", () => {
        try {
          resolve({ status: response.statusCode, json: answer ? JSON.parse(answer) : null });
        } catch (error) {
          reject(error);
        }
      });
    });
    request.end(text);
  });
}

// Waits longer each time, with jitter, and not at all once `until` is aborted.
class Backoff {
  #ms;

  constructor(until) {
    this.until = until;
    this.reset();
  }
  reset() {
    this.#ms = BACKOFF_MS[0];
  }
  async wait() {
    await sleep(this.#ms * (0.5 + Math.random() / 2), null, { signal: this.until }).catch(() => {});
    this.#ms = Math.min(2 * this.#ms, BACKOFF_MS[1]);
  }
}
