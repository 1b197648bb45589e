import { expect, test } from "vitest";
import { SpareBuffers } from "../../../src/compute/spareBuffers.ts";
import { uniform, uniformInt } from "../../../src/statistics/random.ts";

test("memory has room, is lent to one at a time, and is used again: 20 seeds", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const spare = new SpareBuffers(6, 1 << 20);
    const lent = new Set<ArrayBuffer>();
    const seen = new Set<ArrayBuffer>();
    let again = 0;
    for (let i = 0; i < 300; i++) {
      if (lent.size > 0 && uniform(seed, 1, i) < 0.5) {
        const one = [...lent][uniformInt(seed, 2, i, lent.size)]!;
        lent.delete(one);
        spare.giveBack([one]);
        continue;
      }
      const bytes = uniformInt(seed, 3, i, 1 << 21);
      const buffer = spare.take(bytes);
      expect(buffer.byteLength, `seed ${seed} step ${i}`).toBeGreaterThanOrEqual(bytes);
      expect(lent.has(buffer), `seed ${seed} step ${i}`).toBe(false);
      // What is longer than the longest is not kept.
      if (seen.has(buffer)) {
        again++;
        expect(buffer.byteLength, `seed ${seed} step ${i}`).toBeLessThanOrEqual(1 << 20);
      }
      lent.add(buffer);
      seen.add(buffer);
    }
    expect(again, `seed ${seed}`).toBeGreaterThan(0);
  }
});
