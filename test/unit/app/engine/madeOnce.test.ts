import { expect, test } from "vitest";
import { madeOnce } from "../../../../src/app/engine/madeOnce.ts";

test("what could not be made is tried again, what was made is kept", async () => {
  let tries = 0;
  const backend = madeOnce(async () => {
    tries++;
    if (tries < 3) throw new Error(`try ${tries}`);
    return { tries };
  });
  // Asked twice at once: one try for both.
  const both = [backend(), backend()];
  await expect(both[0]).rejects.toThrow("try 1");
  await expect(both[1]).rejects.toThrow("try 1");
  await expect(backend()).rejects.toThrow("try 2");
  const made = await backend();
  expect(made).toEqual({ tries: 3 });
  expect(await backend()).toBe(made);
});
