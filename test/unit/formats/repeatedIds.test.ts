import { expect, test } from "vitest";
import { RepeatedIds } from "../../../src/formats/repeatedIds.ts";
import { integer, random } from "../../helpers/formats.ts";

const bytesOf = (id: string): Uint8Array => new TextEncoder().encode(id);

function repeatsOf(ids: readonly string[], capacity: number): RepeatedIds {
  const found = new RepeatedIds(capacity);
  for (const id of ids) found.add(bytesOf(id), 0, bytesOf(id).length);
  if (found.sort() > 0) for (const id of ids) found.confirm(bytesOf(id), 0, bytesOf(id).length);
  found.finish();
  return found;
}

test("repeated ids are found among many, however many were expected", () => {
  for (let seed = 1; seed <= 6; seed++) {
    const next = random(seed);
    // From one range of hashes to several, and ranges that have to grow.
    const count = [0, 1, 500, 40_000, 70_000, 150_000][seed - 1]!;
    const capacity = seed % 2 === 0 ? count : Math.floor(count / 50);
    const ids = Array.from({ length: count }, (_, i) =>
      next() < 0.01 ? `rs${integer(next, 0, count)}` : `rs${i}`,
    );
    const times = new Map<string, number>();
    for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1);
    const repeated = [...times].filter(([, often]) => often > 1);
    const found = repeatsOf(ids, capacity);
    expect(found.distinct, `seed ${seed}`).toBe(repeated.length);
    expect(found.repeated).toBe(repeated.reduce((sum, [, often]) => sum + often, 0));
    for (const [id, often] of [...times].slice(0, 20_000)) {
      if (found.isRepeated(bytesOf(id), 0, bytesOf(id).length) !== often > 1)
        throw new Error(`seed ${seed}, ${id}`);
    }
  }
});
