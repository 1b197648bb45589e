import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../../src/compute/backend.ts";
import { CASES } from "./cases.ts";

export { failures, products, SEEDS } from "./cases.ts";

/** What every backend owes. */
export function conformance(name: string, makeBackend: () => Promise<Backend>): void {
  describe(`conformance of ${name}`, () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await makeBackend();
    });
    afterAll(() => backend.dispose());

    for (const { name: owed, check } of CASES) {
      it(owed, async () => {
        expect(await check(backend)).toEqual([]);
      });
    }
  });
}
