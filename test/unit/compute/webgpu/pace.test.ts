import { describe, expect, it } from "vitest";
import { millisecondsOf } from "../../../../src/compute/webgpu/clock.ts";
import { AIM, FIRST_WORK, LONGEST_SUBMIT, Pace } from "../../../../src/compute/webgpu/pace.ts";
import { Random } from "../random.ts";

/** A device that does `rate` products a second, after what every submit costs; its clock is fake. */
interface Device {
  rate: number;
  readonly overhead: number;
  /** Milliseconds between two ticks of the clock that it is read with. */
  readonly tick?: number;
}

/** Times of `count` submits, two in flight: a submit is planned when the last but one has been measured. */
function submits(pace: Pace, device: Device, count: number): number[] {
  const times: number[] = [];
  const flying: { readonly work: number; readonly took: number }[] = [];
  let now = 0;
  for (let i = 0; i < count; i += 1) {
    const { work } = pace;
    const took = device.overhead + (1000 * work) / device.rate;
    times.push(took);
    flying.push({ work, took });
    if (flying.length < 2) continue;
    const done = flying.shift()!;
    const { tick = 0 } = device;
    const read = (time: number) => (tick === 0 ? time : Math.floor(time / tick) * tick);
    pace.measured(done.work, read(now + done.took) - read(now));
    now += done.took;
  }
  return times;
}

describe("the pace of submits", () => {
  // A software GPU on two cores does about 2e7 of them a second.
  const rates = [2e7, 2e8, 2e9, 2e10, 2e11];
  it.each(rates)(
    "is never above 100 ms on a device of %d products a second, and soon 20 to 50 ms",
    (rate) => {
      for (const overhead of [0, 0.1, 3]) {
        const times = submits(new Pace(), { rate, overhead }, 60);
        expect(Math.max(...times), `overhead ${overhead}`).toBeLessThan(LONGEST_SUBMIT);
        const settled = times.slice(40);
        expect(Math.min(...settled)).toBeGreaterThanOrEqual(20);
        expect(Math.max(...settled)).toBeLessThanOrEqual(50);
      }
    },
  );

  it.each(rates)("stays below 100 ms by a clock of 16 ms (%d products a second)", (rate) => {
    expect(Math.max(...submits(new Pace(), { rate, overhead: 0.2, tick: 16 }, 200))).toBeLessThan(
      LONGEST_SUBMIT,
    );
  });

  it.each(rates)("follows a device that becomes 8 times slower, and 8 times faster again (%d)", (rate) => {
    const device = { rate, overhead: 0.1 };
    const pace = new Pace();
    submits(pace, device, 60);
    device.rate = rate / 8;
    const slow = submits(pace, device, 20);
    // Two were planned before the first of them was measured: nobody could know.
    expect(slow.filter((time) => time > LONGEST_SUBMIT).length).toBeLessThanOrEqual(2);
    expect(Math.max(...slow.slice(2))).toBeLessThanOrEqual(50);
    device.rate = rate;
    expect(Math.max(...submits(pace, device, 40).slice(20))).toBeGreaterThanOrEqual(20);
  });

  it("does not believe a single fast reading, whose time the submit before it was charged", () => {
    const random = new Random(4);
    const pace = new Pace();
    const rate = 2e9;
    submits(pace, { rate, overhead: 0 }, 40);
    for (let i = 0; i < 100; i += 1) {
      const planned = (1000 * pace.work) / rate;
      expect(planned).toBeLessThan(LONGEST_SUBMIT);
      const late = 40 * random.next();
      pace.measured(pace.work, planned + late);
      pace.measured(pace.work, Math.max(0, planned - late));
    }
  });

  it("learns nothing from the rest of a tile, unless that took too long", () => {
    const pace = new Pace();
    submits(pace, { rate: 2e9, overhead: 0 }, 40);
    const { work } = pace;
    pace.measured(work / 10, 1);
    expect(pace.work).toBe(work);
    pace.measured(work / 10, 2 * AIM);
    expect(pace.work).toBeLessThanOrEqual(work / 20);
  });

  it("begins again with a new device; when fixed, stays", () => {
    const pace = new Pace();
    submits(pace, { rate: 2e11, overhead: 0 }, 40);
    expect(pace.work).toBeGreaterThan(FIRST_WORK);
    pace.restart();
    expect(pace.work).toBe(FIRST_WORK);
    const fixed = new Pace(1000);
    submits(fixed, { rate: 2e11, overhead: 0 }, 10);
    expect(fixed.work).toBe(1000);
  });
});

describe("a device's times", () => {
  const words = (start: bigint, end: bigint) => new Uint32Array(new BigUint64Array([start, end]).buffer);
  it.each([
    [0n, 1_500_000n, 1.5],
    [2n ** 32n - 1_000_000n, 2n ** 32n + 1_000_000n, 2],
    // No times, or none that can be.
    [0n, 0n, undefined],
    [5_000_000n, 1_000_000n, undefined],
    [0n, 11_000_000n, undefined],
  ])("of %d and %d ns, of 10 ms in all, are %d ms", (start, end, milliseconds) => {
    expect(millisecondsOf(words(start, end), 10)).toBe(milliseconds);
  });
});
