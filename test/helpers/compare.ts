/** Laying our numbers beside a tool's: what failed is named, with the worst of all deviations. */
import { expect } from "vitest";

/** Fails, with counts and examples, unless both hold the same pairs. */
export function expectSamePairs(theirs: readonly string[], ours: Iterable<string>): void {
  const wanted = new Set(theirs);
  expect(wanted.size, "the expected file repeats a pair").toBe(theirs.length);
  const extra: string[] = [];
  for (const key of ours) {
    if (!wanted.delete(key)) extra.push(key);
  }
  const missing = [...wanted];
  const some = (keys: readonly string[]): string =>
    keys
      .slice(0, 3)
      .map((key) => key.replace("\t", " x "))
      .join(", ");
  expect(
    { missing: missing.length, extra: extra.length },
    `pairs missing: ${some(missing)}; pairs too many: ${some(extra)}`,
  ).toEqual({ missing: 0, extra: 0 });
}

/** Fails unless `deviation(i)` is at most `limit` for every i; NaN fails. */
export function expectAllWithin(
  what: string,
  count: number,
  limit: number,
  deviation: (i: number) => number,
  label: (i: number) => string,
): void {
  let worst = 0;
  let at = -1;
  let failures = 0;
  for (let i = 0; i < count; i++) {
    const value = deviation(i);
    if (!(value <= limit)) failures++;
    if (!(value <= worst)) {
      worst = value;
      at = i;
      if (Number.isNaN(value)) break;
    }
  }
  expect(count, `${what}: nothing to compare`).toBeGreaterThan(0);
  expect(
    failures,
    `${what}: ${failures} of ${count} beyond ${limit}; the worst is ${worst}${at < 0 ? "" : ` at ${label(at)}`}`,
  ).toBe(0);
}

/** |ours - theirs| as a share of |theirs|. */
export function relative(ours: number, theirs: number): number {
  return ours === theirs ? 0 : Math.abs(ours - theirs) / Math.abs(theirs);
}

/** Benjamini-Hochberg q-values of the smallest p-values of `tests` tests: min over j >= i of m p(j) / j. */
export function benjaminiHochberg(p: readonly number[], tests: number): Float64Array {
  const order = Uint32Array.from(p.keys()).sort((a, b) => p[a]! - p[b]!);
  const q = new Float64Array(p.length);
  let smallest = 1;
  for (let rank = p.length; rank >= 1; rank--) {
    const i = order[rank - 1]!;
    smallest = Math.min(smallest, (p[i]! * tests) / rank);
    q[i] = smallest;
  }
  return q;
}
