import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { memorySpool, type OpenSpool, spooledSource } from "../../../src/formats/spool.ts";
import { fileSpool } from "../../../src/node/spool.ts";
import { messageOf } from "../../helpers/formats.ts";

const folder = mkdtempSync(join(tmpdir(), "qortex-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const before = process.env["TMPDIR"];
afterEach(() => {
  if (before === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = before;
});

const kinds: readonly (readonly [string, OpenSpool])[] = [
  ["memory", memorySpool],
  ["a file", fileSpool],
];

describe.each(kinds)("a spool in %s", (_, openSpool) => {
  test("gives back what it was given, in any order", async () => {
    const spool = await openSpool();
    const whole = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) & 255);
    const buffer = new Uint8Array(70_000);
    for (let at = 0; at < whole.length; at += 70_000) {
      const part = whole.subarray(at, at + 70_000);
      buffer.set(part);
      await spool.append(buffer.subarray(0, part.length));
      // What was appended is the caller's again.
      buffer.fill(0);
    }
    for (const [start, end] of [
      [299_990, 300_000],
      [0, 300_000],
      [69_999, 140_001],
      [5, 5],
    ] as const) {
      expect(Buffer.compare(await spool.read(start, end), whole.subarray(start, end))).toBe(0);
    }
    await expect(spool.read(0, 300_001)).rejects.toThrow("asked of");
    const source = spooledSource(spool, 300_000, "it");
    expect([source.size, source.name]).toEqual([300_000, "it"]);
    expect(await source.read(1, 3)).toEqual(whole.slice(1, 3));
    await spool.close();
    await spool.close();
  });
});

describe("a spool's file", () => {
  test("is not left behind", async () => {
    process.env["TMPDIR"] = folder;
    const spool = await fileSpool();
    await spool.append(new Uint8Array(10));
    // Windows keeps the name of an open file.
    if (process.platform !== "win32") expect(readdirSync(folder)).toEqual([]);
    await spool.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("that cannot be made is an error that names it", async () => {
    process.env["TMPDIR"] = join(folder, "absent");
    expect((await messageOf(fileSpool())).replace(/qortex-[-0-9a-f]+/, "NAME").replace(folder, "DIR")).toBe(
      "DIR/absent/NAME.tmp: cannot be written (ENOENT); set TMPDIR to a folder that is there",
    );
  });
});
