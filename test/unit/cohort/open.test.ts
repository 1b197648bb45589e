import { describe, expect, test } from "vitest";
import { openSources } from "../../../src/cohort/open.ts";
import { CancelledError } from "../../../src/errors.ts";
import { type ByteSource, bytesSource } from "../../../src/formats/source.ts";
import { memorySpool } from "../../../src/formats/spool.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { plinkBed } from "../../helpers/formats.ts";
import { vcfText } from "../../helpers/vcf.ts";

const SAMPLES = ["S1", "S2", "S3", "S4"];
const VARIANTS = 120_000;
const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
const many = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${line(i)}\n`).join("");

/** Files of several MiB each, so that none is read at once. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  bed: plinkBed(Array.from({ length: VARIANTS }, (_, i) => [0, 1, 2, i % 3])),
  bim: encoded(many(VARIANTS, (i) => `1\tvariant_${i}\t0\t${i + 1}\tA\tG`)),
  fam: encoded(many(4, (i) => `0 ${SAMPLES[i]} 0 0 0 -9`)),
  vcf: encoded(
    vcfText(
      SAMPLES,
      Array.from({ length: VARIANTS }, (_, i) => `1 ${i + 1} . A G . . . GT 0/0 0/1 1/1 0/${i % 2}`),
    ),
  ),
  expression: encoded(
    `#chr\tstart\tend\tgene_id\t${SAMPLES.join("\t")}\n${many(VARIANTS, (i) => `1\t${i}\t${i + 1}\tG${i}\t1\t2\t${i}\t4`)}`,
  ),
};

/** Opens the files; the signal fires with the second MiB of `role`. Bytes of it that were read after that. */
async function stopped(role: string, genotypes: readonly string[]): Promise<number> {
  const controller = new AbortController();
  let after = 0;
  const source = (name: string): ByteSource => {
    const plain = bytesSource(FILES[name]!, name);
    if (name !== role) return plain;
    const read = async (start: number, end: number): Promise<Uint8Array> => {
      if (controller.signal.aborted) after += end - start;
      if (start >= 1 << 20) controller.abort();
      return plain.read(start, end);
    };
    return { ...plain, read };
  };
  const files = Object.fromEntries(genotypes.map((name) => [name, source(name)]));
  const sources = {
    genotypes: { ...files, openSpool: memorySpool } as never,
    expression: source("expression"),
  };
  await expect(openSources(sources, inflateGzip, { signal: controller.signal })).rejects.toThrow(
    CancelledError,
  );
  return after;
}

describe("a signal stops the reading of", () => {
  test.each([
    ["bim", ["bed", "bim", "fam"]],
    ["vcf", ["vcf"]],
    ["expression", ["bed", "bim", "fam"]],
  ])("%s in the middle of the file", async (role, genotypes) => {
    expect(FILES[role]!.length).toBeGreaterThan(2 << 20);
    expect(await stopped(role, genotypes)).toBe(0);
  });
});
