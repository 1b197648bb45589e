import { describe, expect, it } from "vitest";
import { Slice } from "../../../../src/app/engine/runs/measure.ts";

/** A slice of a plan of parts of 100 to 900 pairs, on a clock that is set by hand. */
function slice() {
  let time = 0;
  const enough = new AbortController();
  const clock = new Slice(enough, undefined, () => time);
  const later = (ms: number): Slice => {
    time += ms;
    return clock;
  };
  return { clock, later, enough };
}

const PAIRS = Float64Array.from([100, 900, 500, 300, 700, 0]);
const NOTHING = { hits: 0, seconds: 0 };

describe("a slice of a map's work", () => {
  it("is of parts from a middling one on", () => {
    const { clock } = slice();
    expect(clock.begin(PAIRS).slice(0, 2)).toEqual([2, 3]);
  });

  it("counts all of its parts, what the first took longer as starting up, and the time of none but the testing", async () => {
    const { clock, later } = slice();
    later(200).begin(PAIRS);
    later(800).part({ number: 2, last: true });
    await clock.aside(async () => void later(1000));
    later(100).part({ number: 3, last: false });
    later(200).part({ number: 3, last: true });
    await clock.aside(async () => void later(50));
    later(700).part({ number: 4, last: true });
    const found = clock.measured({ kind: "cis" }, { hits: 800, seconds: 1.6 });
    // 300 pairs and 700 in one second; the first 500 took 0.3 s more than they would have.
    expect(found).toMatchObject({ pairs: 2500, hits: 2500, testing: 0.001, writing: 0.002 });
    expect(found?.setup).toBeCloseTo(0.2 + 0.3, 12);
  });

  it("of one part alone has its time for all", () => {
    const { clock, later } = slice();
    clock.begin(PAIRS);
    later(500).part({ number: 2, last: true });
    expect(clock.measured({ kind: "cis" }, NOTHING)).toMatchObject({ testing: 0.001, setup: 0 });
  });

  it("of a trans map counts what progress told of a part, and expects hits as it found them", () => {
    const { clock, later, enough } = slice();
    clock.begin(PAIRS);
    later(1000).tested(400);
    later(1100).tested(600);
    expect(enough.signal.aborted).toBe(false);
    later(200).tested(660);
    expect(enough.signal.aborted).toBe(true);
    const found = clock.measured({ kind: "trans" }, { hits: 66, seconds: 0 });
    expect(found).toMatchObject({ pairs: 2500, hits: 250, testing: 0.005, setup: 0 });
  });

  it("is over where the first part alone takes long", () => {
    const { clock, later, enough } = slice();
    clock.begin(PAIRS);
    later(7000).tested(100);
    expect(enough.signal.aborted).toBe(true);
    expect(clock.measured({ kind: "trans" }, NOTHING)).toMatchObject({ testing: 0.07 });
  });

  it("says nothing where no part came in time", () => {
    const { clock, later } = slice();
    clock.begin(PAIRS);
    later(9000);
    expect(clock.measured({ kind: "cis" }, NOTHING)).toBeUndefined();
  });
});
