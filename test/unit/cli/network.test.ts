import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testNormal, testRandom } from "../../helpers/randomCohort.ts";
import { qortex } from "./shell.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "qortex-network-"));
  const random = testRandom(4);
  const factor = Array.from({ length: 40 }, () => testNormal(random));
  const rows = Array.from({ length: 60 }, (_, g) =>
    factor.map((value) => (testNormal(random) + (g < 30 ? 3 * value : 0)).toFixed(4)),
  );
  rows[59] = factor.map(() => "1");
  rows[58]![7] = "NA";
  const samples = factor.map((_, s) => `s${s}`);
  const text = (header: readonly string[], body: readonly (readonly string[])[]) =>
    `${[header, ...body].map((row) => row.join("\t")).join("\n")}\n`;
  const ids = rows.map((_, g) => `g${g}`);
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  write(
    "e.tsv",
    text(
      ["gene", ...samples],
      rows.map((row, g) => [ids[g]!, ...row]),
    ),
  );
  write(
    "strangers.tsv",
    text(
      ["gene", ...samples],
      rows.map((row, g) => [`h${g}`, ...row]),
    ),
  );
  write(
    "turned.tsv",
    text(
      ["", ...ids],
      samples.map((id, s) => [id, ...rows.map((row) => row[s]!)]),
    ),
  );
  write(
    "few.tsv",
    text(
      ["gene", "a", "b", "c"],
      [
        ["g1", "1", "2", "3"],
        ["g2", "3", "1", "2"],
      ],
    ),
  );
  write(
    "twice.tsv",
    text(
      ["gene", ...samples],
      [
        ["g1", ...rows[0]!],
        ["g1", ...rows[1]!],
      ],
    ),
  );
  write(
    "one.tsv",
    text(
      ["gene", ...samples],
      [
        ["g1", ...rows[0]!],
        ["g2", ...rows[59]!],
      ],
    ),
  );
  write(
    "traits.tsv",
    text(
      ["sample", "weight", "name"],
      samples.map((id, s) => [id, s === 3 ? "NA" : factor[s]!.toFixed(3), `n${s % 3}`]),
    ),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (command: string, file: string, ...rest: string[]) =>
  qortex([
    "network",
    command,
    "--expression",
    join(folder, file),
    "--format",
    "tsv",
    "--threads",
    "1",
    ...rest,
  ]);
const table = (out: string, name: string) =>
  gunzipSync(readFileSync(join(folder, out, `${name}.tsv.gz`)))
    .toString()
    .trim()
    .split("\n")
    .map((line) => line.split("\t"));

describe("qortex network", () => {
  test("correlate: the same bytes either way round and on either backend", async () => {
    const first = await run("correlate", "e.tsv", "--out", join(folder, "c1"));
    expect(first.code, first.err).toBe(0);
    expect(first.err).toMatch(/1 gene left out \(1 constant\)/);
    const turned = await run(
      "correlate",
      "turned.tsv",
      "--samples-in-rows",
      "--out",
      join(folder, "c2"),
      "--backend",
      "reference",
    );
    expect(turned.code, turned.err).toBe(0);
    expect(table("c2", "correlations")).toEqual(table("c1", "correlations"));
    const pairs = table("c1", "correlations").slice(1);
    expect(pairs.length).toBeGreaterThan(200);
    for (const row of pairs) expect(Math.abs(Number(row[3]))).toBeGreaterThanOrEqual(0.5);
    const genes = table("c1", "genes");
    expect(genes).toHaveLength(61);
    expect(genes.find(([id]) => id === "g59")?.[1]).toBe("constant");
  });

  test("modules with traits and preservation", async () => {
    const rest = ["--traits", join(folder, "traits.tsv"), "--preservation", join(folder, "e.tsv")];
    const { code, out, err } = await run(
      "modules",
      "e.tsv",
      ...rest,
      "--permutations",
      "20",
      "--power",
      "4",
      "--out",
      join(folder, "m"),
    );
    expect(code, err).toBe(0);
    expect(out).toMatch(/Module 1 +turquoise, \d+ genes/);
    expect(err).toMatch(/1 trait without numbers left out \(name\)/);
    expect(err).toMatch(/One block of 59 genes/);
    const genes = table("m", "genes");
    const module = genes[0]!.indexOf("module");
    expect(genes.slice(1, 31).filter((row) => row[module] === "1").length).toBeGreaterThan(27);
    const traits = table("m", "module_traits");
    expect(Math.abs(Number(traits[1]![traits[0]!.indexOf("r")]))).toBeGreaterThan(0.9);
    expect(Number(table("m", "preservation")[1]![4])).toBeGreaterThan(5);
    expect(readdirSync(join(folder, "m"))).toContain("manifest.json");
  });

  test.each([
    ["correlate", "few.tsv", [], /few\.tsv: 3 samples to correlate genes over; at least 4 are needed/],
    ["correlate", "twice.tsv", [], /twice\.tsv, line 3: gene g1 is there already/],
    ["correlate", "e.tsv", ["--max-p-outliers", "0.1"], /--max-p-outliers is of --method bicor/],
    ["correlate", "e.tsv", ["--covariates", "a,b"], /--covariates names 2 files for 1 of --expression/],
    [
      "modules",
      "one.tsv",
      [],
      /one\.tsv: 1 gene to group \(the others are constant or missing\); modules need at least 2/,
    ],
    [
      "modules",
      "e.tsv",
      ["--network-type", "signed", "--overlap", "signed"],
      /--overlap signed is for unsigned networks/,
    ],
    ["modules", "e.tsv", ["--power", "0.5"], /--power takes a number from 1 to 100/],
    ["correlate", "one.tsv", [], /one\.tsv: 1 gene of \d+ can be correlated .*needs two genes/],
    [
      "modules",
      "e.tsv",
      ["--power", "4", "--preservation", "strangers.tsv"],
      /strangers\.tsv: has none of the 60 genes of .*: its genes are h0, h1/,
    ],
  ] as const)("%s %s %s: one line, and no folder", async (command, file, rest, message) => {
    const out = join(folder, "none");
    const words = rest.map((word) => (word === "strangers.tsv" ? join(folder, word) : word));
    const { code, err } = await run(command, file, ...words, "--out", out);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(readdirSync(folder)).not.toContain("none");
  });
});
