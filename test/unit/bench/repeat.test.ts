import { expect, test } from "vitest";
import { alternate, repeated, spread } from "../../../src/bench/repeat.ts";
import { CancelledError } from "../../../src/errors.ts";

/** Contenders that write their names down and say how often they have run. */
function contenders(log: string[], names: string) {
  return [...names].map((name) => {
    let runs = 0;
    return {
      name,
      async run() {
        log.push(name);
        runs += 1;
        return runs;
      },
    };
  });
}

test("rounds go forwards and backwards, and warming up does not count", async () => {
  const log: string[] = [];
  const seconds = await alternate(contenders(log, "abc"), 3, { warmups: 1 });
  expect(log.join("")).toBe("cbaabccbaabc");
  expect(seconds).toEqual([
    [2, 3, 4],
    [2, 3, 4],
    [2, 3, 4],
  ]);
});

test("two rounds are A B B A", async () => {
  const log: string[] = [];
  await alternate(contenders(log, "ab"), 2, { warmups: 0 });
  expect(log.join("")).toBe("abba");
});

test("stops when the signal fires", async () => {
  const log: string[] = [];
  const stopper = new AbortController();
  const onRun = (_: unknown, round: number) => {
    if (round === 1) stopper.abort();
  };
  const running = alternate(contenders(log, "ab"), 5, { warmups: 0, signal: stopper.signal, onRun });
  await expect(running).rejects.toThrow(CancelledError);
  expect(log.join("")).toBe("abb");
});

test("a short pass is repeated as often as fills the time, and its mean is taken", async () => {
  let passes = 0;
  // By this clock a pass takes 2 ms.
  const pass = async () => {
    passes += 1;
  };
  const contender = repeated("short", 0.05, pass, () => 2 * passes);
  expect(await contender.run()).toBeCloseTo(0.002, 12);
  expect(passes).toBe(1);
  expect(await contender.run()).toBeCloseTo(0.002, 12);
  expect(passes).toBe(1 + 25);
});

test("the middle and the ends", () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
  expect(spread([4, 1, 2, 9])).toEqual({ median: 3, least: 1, most: 9 });
  expect(spread([5])).toEqual({ median: 5, least: 5, most: 5 });
});
