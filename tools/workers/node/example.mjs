#!/usr/bin/env node
// A worker for bench.remote: waits as long as its input says, and tells how far it is.
//
//     reprise serve --bench
//     tools/workers/node/example.mjs http://127.0.0.1:8000 QUEUE [SLOTS]
import { setTimeout as sleep } from "node:timers/promises";

import { Worker } from "./reprise-worker.mjs";

const [url, queue, slots = "2"] = process.argv.slice(2);
const worker = new Worker(url, queue, { slots: Number(slots) });

worker.activity("bench.remote_step", async (input, attempt) => {
  const workMs = input.work_ms ?? 0;
  for (let doneMs = attempt.lastDetails ?? 0; doneMs < workMs; ) {
    await sleep(10);
    attempt.check();
    attempt.heartbeat((doneMs += 10));
    if (doneMs * 2 >= workMs && doneMs * 2 < workMs + 20) console.error(`half ${attempt.token}`);
  }
  return { i: input.i ?? 0 };
});

await worker.run();
