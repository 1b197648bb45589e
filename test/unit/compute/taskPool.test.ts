import { expect, it } from "vitest";
import { TaskPool } from "../../../src/compute/taskPool.ts";
import type { Spawn } from "../../../src/compute/threads.ts";

/** A thread that doubles numbers, and refuses, as structured clones do, what it cannot be sent. */
const doubling: Spawn = (_code, events) => ({
  post(message) {
    if (typeof message !== "number") throw new TypeError("could not be cloned");
    queueMicrotask(() => events.message({ type: "done", output: 2 * message }));
  },
  hold() {},
  async terminate() {},
});

it("goes on with the next task where one cannot be sent", async () => {
  const pool = new TaskPool<unknown, number>({ count: 1, spawn: doubling }, "");
  const [first, unsendable, last] = [1, () => {}, 3].map((input) => pool.run(input, []));
  await expect(unsendable).rejects.toThrow("could not be cloned");
  expect(await Promise.all([first, last])).toEqual([2, 6]);
  await pool.dispose();
});
