import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { numericCovariates, readCovariates } from "../../src/formats/covariates.ts";
import { readExpressionBed } from "../../src/formats/expressionBed.ts";
import type { GenotypeSource } from "../../src/formats/genotypes.ts";
import { openPlink } from "../../src/formats/plink.ts";
import { fileSource, openPlinkFiles } from "../../src/node/files.ts";
import { inflateGzip } from "../../src/node/inflate.ts";
import { callAt } from "../helpers/formats.ts";
import { sharedFolder, sharedPath } from "../helpers/shared.ts";

/** Runs `body` with the paths in `../shared`; where that folder is absent (a bare clone), says so and passes. */
function withShared(
  name: string,
  paths: readonly string[],
  body: (...found: string[]) => Promise<void>,
): void {
  test(name, async () => {
    if (!existsSync(sharedFolder)) {
      console.log(`${name}: no folder ../shared here, nothing is compared`);
      return;
    }
    await body(
      ...paths.map((path) => {
        const found = sharedPath(path);
        if (found === undefined) throw new Error(`../shared/${path} is not there`);
        return found;
      }),
    );
  });
}

/** Rows of a plain or gzip table, cut at white space. */
async function rowsOf(path: string): Promise<string[][]> {
  const bytes = await readFile(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/\s+/));
}

async function withPlink(path: string, use: (source: GenotypeSource) => Promise<void>): Promise<void> {
  const files = await openPlinkFiles(path);
  try {
    await use(await openPlink(files, inflateGzip));
  } finally {
    await files.close();
  }
}

async function readBed(path: string) {
  const source = await fileSource(path);
  try {
    return await readExpressionBed(source, inflateGzip);
  } finally {
    await source.close();
  }
}

const everyone = (source: GenotypeSource) => Uint32Array.from(source.samples, (_, i) => i);

withShared(
  "PLINK calls are the dosages of MatrixEQTL's table",
  ["expected/input/geno.bed", "expected/input/SNP.txt.gz"],
  async (bed, table) => {
    const [header, ...rows] = await rowsOf(table);
    await withPlink(bed, async (source) => {
      expect(source.samples).toEqual(header!.slice(1));
      expect(source.variantCount).toBe(rows.length);
      const labels = await source.labels(0, rows.length);
      const block = await source.read(0, rows.length, everyone(source));
      for (const [v, [id, ...dosages]] of rows.entries()) {
        expect(labels.id[v]).toBe(id);
        expect(
          `${labels.chromosome[v]}_${labels.position[v]}_${labels.otherAllele[v]}_${labels.effectAllele[v]}`,
        ).toBe(id);
        const calls = source.samples.map((_, s) => callAt(block, v, s));
        expect(calls, id).toEqual(dosages.map((text) => (text === "NA" ? 3 : Number(text))));
      }
    });
  },
);

withShared(
  "PLINK calls have the counts and frequencies of plink2",
  [
    "data/geuvadis-eur-chr22/formats_chr22_17_18Mb/sub.bed",
    "data/geuvadis-eur-chr22/formats_chr22_17_18Mb/sub.gcount",
    "data/geuvadis-eur-chr22/formats_chr22_17_18Mb/sub.afreq",
  ],
  async (bed, gcount, afreq) => {
    const counts = (await rowsOf(gcount)).slice(1);
    const frequencies = (await rowsOf(afreq)).slice(1);
    await withPlink(bed, async (source) => {
      expect(source.variantCount).toBe(counts.length);
      const labels = await source.labels(0, counts.length);
      const block = await source.read(0, counts.length, everyone(source));
      for (const [v, row] of counts.entries()) {
        const seen = [0, 0, 0, 0];
        for (let s = 0; s < block.samples; s++) seen[callAt(block, v, s)]!++;
        const [chromosome, id, ref, alt, homRef, het, homAlt] = row;
        expect([labels.chromosome[v], labels.id[v], labels.otherAllele[v], labels.effectAllele[v]]).toEqual([
          chromosome,
          id,
          ref,
          alt,
        ]);
        expect(seen.map(String), id).toEqual([homRef, het, homAlt, row.at(-1)]);
        const frequency = (seen[1]! + 2 * seen[2]!) / (2 * block.samples);
        expect(Math.abs(frequency - Number(frequencies[v]![4])), id).toBeLessThan(5e-7);
      }
    });
  },
);

/** PLINK files of other makers: tabs, spaces, \r\n, orders of their own. What awk says of them is in the rows. */
withShared(
  "PLINK files of other makers open",
  [
    "data/formats/vcf_bcf/EUR_test.bed",
    "data/formats/trityper_etc/hapmap3CeuChr20B37Mb6.bed",
    "data/formats/hapmap_plink_snprelate/plinkhapmap.bed",
  ],
  async (...paths) => {
    for (const path of paths) {
      const bim = await rowsOf(path.replace(/bed$/, "bim"));
      const fam = await rowsOf(path.replace(/bed$/, "fam"));
      await withPlink(path, async (source) => {
        expect(source.variantCount, path).toBe(bim.length);
        expect(source.samples).toEqual(fam.map((row) => row[1]));
        const labels = await source.labels(0, bim.length);
        expect(labels.effectAllele).toEqual(bim.map((row) => row[4]));
        expect([...labels.position]).toEqual(bim.map((row) => Number(row[3])));
      });
    }
  },
);

withShared(
  "expression is the same from tensorQTL's, QTLtools' and MatrixEQTL's files",
  [
    "expected/input/expr.bed.gz",
    "expected/input/expr.qtltools.bed.gz",
    "expected/input/GE.txt",
    "expected/input/geneloc.txt",
  ],
  async (four, six, matrix, places) => {
    const table = await readBed(four);
    const other = await readBed(six);
    expect(new Set(other.strand)).toEqual(new Set(["+"]));
    expect({ ...other, name: table.name, strand: table.strand }).toEqual(table);
    const [header, ...rows] = await rowsOf(matrix);
    expect(table.samples).toEqual(header!.slice(1));
    const row = new Map(rows.map(([id, ...cells]) => [id, cells.map(Number)]));
    const place = new Map((await rowsOf(places)).slice(1).map(([id, ...rest]) => [id, rest]));
    expect(row.size).toBe(table.id.length);
    for (const [g, id] of table.id.entries()) {
      const n = table.samples.length;
      expect([...table.values.subarray(g * n, (g + 1) * n)], id).toEqual(row.get(id));
      expect([table.chromosome[g], String(table.end[g])], id).toEqual([place.get(id)![0], place.get(id)![2]]);
    }
  },
);

withShared(
  "covariates are the same from MatrixEQTL's and PLINK's files",
  ["expected/input/cov.txt", "expected/input/cov.plink.txt", "expected/input/cov.txt.gz"],
  async (...paths) => {
    const tables = [];
    for (const path of paths) {
      const source = await fileSource(path);
      const { samples, covariates, cells } = await readCovariates(
        source,
        inflateGzip,
        new Set(["S0001", "S0050"]),
      );
      await source.close();
      tables.push({ samples, covariates, cells });
    }
    const [across, down, packed] = tables;
    expect(packed).toEqual(across);
    // PLINK's file keeps IC as its prefix where the other has C.
    expect(down!.covariates.map((name) => name.replace("IC", "C"))).toEqual(across!.covariates);
    expect([down!.samples, down!.cells]).toEqual([across!.samples, across!.cells]);
  },
);

withShared(
  "GEUVADIS expression and covariates are QTLtools' files",
  [
    "data/geuvadis-eur-chr22/genes.50percent.chr22.bed.gz",
    "data/geuvadis-eur-chr22/genes.covariates.pc50.txt.gz",
  ],
  async (bed, covariates) => {
    const expression = await readBed(bed);
    expect([expression.id.length, expression.samples.length]).toEqual([608, 358]);
    const rows = (await rowsOf(bed)).slice(1);
    expect(expression.id).toEqual(rows.map((row) => row[3]));
    expect(expression.strand).toEqual(rows.map((row) => row[5]));
    expect([...expression.values]).toEqual(rows.flatMap((row) => row.slice(6).map(Number)));
    const source = await fileSource(covariates);
    const table = await readCovariates(source, inflateGzip, new Set(expression.samples));
    await source.close();
    expect(table.samples).toEqual(expression.samples);
    const cells = (await rowsOf(covariates)).slice(1);
    const coded = numericCovariates(
      table,
      Uint32Array.from(table.samples, (_, i) => i),
    );
    expect(coded.names).toEqual(cells.map((row) => row[0]));
    expect([...coded.values]).toEqual(cells.flatMap((row) => row.slice(1).map(Number)));
    expect(coded.messages).toEqual([]);
  },
);
