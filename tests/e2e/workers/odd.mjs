#!/usr/bin/env node
// A worker whose first attempt does what the library cannot send, or must cut; the second ends well.
const [url, queue, libraries] = process.argv.slice(2);
const { ActivityError, Worker } = await import(`${libraries}/node/reprise-worker.mjs`);

const cases = [
  function largeResult() {
    return "x".repeat(3 << 20);
  },
  function resultWithoutJson() {
    const circle = {};
    circle.itself = circle;
    return circle;
  },
  function largeDetails(attempt) {
    attempt.heartbeat("x".repeat(4096));
  },
  function noErrorObject() {
    throw "no error object";
  },
  function longMessage() {
    throw new ActivityError("odd", "a" + "€".repeat(4000), { retryable: false });
  },
];

const worker = new Worker(url, queue);
worker.activity("bench.remote_step", async (input, attempt) =>
  attempt.number > 1 ? { i: 1 } : cases[input.work_ms - 1](attempt),
);
await worker.run();
