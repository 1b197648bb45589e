import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
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
    "infinite.tsv",
    text(
      ["gene", ...samples],
      [
        ["g1", ...rows[0]!.with(2, "Inf")],
        ["g2", ...rows[1]!],
      ],
    ),
  );
  write(
    "huge.tsv",
    text(
      ["gene", ...samples],
      [
        ["g1", ...rows[0]!.with(2, "1e999")],
        ["g2", ...rows[1]!],
      ],
    ),
  );
  write(
    "noise.tsv",
    text(
      ["gene", ...samples],
      ids.map((id) => [id, ...samples.map(() => testNormal(random).toFixed(4))]),
    ),
  );
  write(
    "giant.tsv",
    text(
      ["gene", ...samples],
      ids.map((id) => [id, ...factor.map((value) => (3 * value + testNormal(random)).toFixed(4))]),
    ),
  );
  write(
    "allConstant.tsv",
    text(
      ["gene", ...samples],
      [
        ["g1", ...rows[59]!],
        ["g2", ...rows[59]!.map(() => "2")],
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

  test("correlate: a cohort that shares no gene with the others: one line, exit code 2, no folder", async () => {
    const out = join(folder, "strangers");
    const cohorts = ["e.tsv", "noise.tsv", "strangers.tsv"].map((name) => join(folder, name)).join(",");
    const { code, err } = await qortex(["network", "correlate", "--expression", cohorts, "--out", out]);
    expect(err.trimEnd().split("\n").at(-1)).toMatch(
      /^qortex: \S*strangers\.tsv: none of its 60 genes \(h0, h1, .*\) is in \S*e\.tsv, \S*noise\.tsv \(g0, g1, .*\); give all cohorts gene ids of one kind/,
    );
    expect(code).toBe(2);
    expect(readdirSync(folder)).not.toContain("strangers");
  });

  test("correlate: --min-r 0 is all pairs, as --p-value 1 is", async () => {
    const words = ["network", "correlate", "--expression", join(folder, "e.tsv")];
    const made = async (name: string, ...limit: string[]) => {
      const { code, err } = await qortex([...words, ...limit, "--out", join(folder, name)]);
      expect(code, err).toBe(0);
      const manifest = JSON.parse(readFileSync(join(folder, name, "manifest.json"), "utf8")) as {
        counts: { tests: number; pairs: number };
      };
      return { counts: manifest.counts, pairs: readFileSync(join(folder, name, "correlations.parquet")) };
    };
    const all = await made("min-r-0", "--min-r", "0");
    expect(all.counts.pairs).toBe(all.counts.tests);
    expect(all.counts.tests).toBe((59 * 58) / 2);
    expect(all.pairs.equals((await made("p-1", "--p-value", "1")).pairs)).toBe(true);
  });

  test("correlate: a sample id in two cohorts is said, since it would count twice", async () => {
    const { code, err } = await run(
      "correlate",
      `e.tsv,${join(folder, "e.tsv")}`,
      "--out",
      join(folder, "twins"),
    );
    expect(code, err).toBe(0);
    expect(err).toMatch(
      /Warning: \d+ sample ids in both \S*e\.tsv and \S*e\.tsv \(.*\.\.\.\): .*count twice/,
    );
  });

  test("modules: --exact-overlap has no bound to say", async () => {
    const { out } = await run(
      "modules",
      "noise.tsv",
      "--power",
      "6",
      "--exact-overlap",
      "--out",
      join(folder, "f64"),
    );
    expect(out).toMatch(/^Overlaps +f64$/m);
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
    const page = readFileSync(join(folder, "m", "report.html"), "utf8");
    for (const word of [
      "Topological overlap",
      "Modules and traits",
      "Preservation in other samples",
      "1 turquoise",
    ]) {
      expect(page).toContain(word);
    }
    expect(page).not.toMatch(/NaN|undefined|\[object/);
    expect(readdirSync(join(folder, "m"))).toEqual(
      expect.arrayContaining(["overlap-map.svg", "module-traits.svg", "module-1.svg", "report.html"]),
    );
  });

  test("missing values and constant genes have a status, and the correlation is of the samples that both have", async () => {
    const { code, err } = await run("correlate", "e.tsv", "--p-value", "1", "--out", join(folder, "missing"));
    expect(code, err).toBe(0);
    const [header, ...pairs] = table("missing", "correlations");
    expect(pairs).toHaveLength((59 * 58) / 2);
    const n = header!.indexOf("n");
    for (const row of pairs) expect(row[n]).toBe(row.includes("g58") ? "39" : "40");
    expect(table("missing", "genes").find(([id]) => id === "g59")).toEqual(["g59", "constant", "0", "0"]);
  });

  test("no module and one giant module are results, with a warning and a page that say so", async () => {
    const none = await run("modules", "noise.tsv", "--power", "6", "--out", join(folder, "noise"));
    expect(none.code, none.err).toBe(0);
    expect(none.err).toMatch(
      /no module: no branch of the tree is large, tight and far enough; try a lower --power/,
    );
    expect(table("noise", "modules")).toHaveLength(1);
    expect(
      table("noise", "genes")
        .slice(1)
        .every((row) => row[2] === "0" && row[3] === "grey"),
    ).toBe(true);
    expect(readFileSync(join(folder, "noise", "report.html"), "utf8")).toContain("No module among 60 genes");
    const one = await run("modules", "giant.tsv", "--power", "2", "--out", join(folder, "giant"));
    expect(one.code, one.err).toBe(0);
    expect(one.err).toMatch(
      /module 1 holds \d+ of 60 genes: one direction \(a batch, a cell type\) may run through all samples/,
    );
    expect(table("giant", "modules")).toHaveLength(2);
  });

  test("blocks by memory are asked for, said aloud and recorded", async () => {
    const words = ["modules", "e.tsv", "--power", "4", "--memory", "256M"];
    const whole = await run(
      words[0]!,
      words[1]!,
      ...words.slice(2),
      "--max-block-size",
      "auto",
      "--out",
      join(folder, "auto"),
    );
    expect(whole.code, whole.err).toBe(0);
    expect(whole.err).toMatch(/One block of 59 genes/);
    const manifest = JSON.parse(readFileSync(join(folder, "auto", "manifest.json"), "utf8"));
    expect(manifest.counts).toMatchObject({ blocks: [59], maxBlockSize: 59 });
    expect(manifest.options.maxBlockSize).toBe("auto");
  });

  test.each(["Infinity", "NaN", ""])(
    "communities: a weight of %j is an error, and no folder",
    async (weight) => {
      writeFileSync(join(folder, "edges.tsv"), `gene_a\tgene_b\tr\na\tb\t0.5\nb\tc\t${weight}\n`);
      const words = ["--edges", join(folder, "edges.tsv"), "--threads", "1", "--out", join(folder, "none")];
      const { code, err } = await qortex(["network", "communities", ...words]);
      expect(code).toBe(2);
      expect(err).toMatch(new RegExp(`edges\\.tsv, b c: r is ${weight || "empty"}`));
      expect(readdirSync(folder)).not.toContain("none");
    },
  );

  test("the dense matrix in either format has the same numbers", async () => {
    for (const [name, words] of [
      ["npy", ["--dense"]],
      ["parquet", ["--dense", "parquet"]],
    ] as const) {
      const { code, err } = await run("correlate", "e.tsv", ...words, "--out", join(folder, name));
      expect(code, err).toBe(0);
    }
    const npy = readFileSync(join(folder, "npy", "correlation.npy"));
    const numbers = npy.subarray(10 + npy.readUInt16LE(8));
    const file = new Uint8Array(readFileSync(join(folder, "parquet", "correlation.parquet"))).buffer;
    const rows = await parquetReadObjects({ file });
    expect(rows).toHaveLength(60);
    expect(
      Buffer.from(Float32Array.from(rows.flatMap(({ r }) => r as number[])).buffer).equals(numbers),
    ).toBe(true);
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
    [
      "correlate",
      "infinite.tsv",
      [],
      /infinite\.tsv, line 2: gene g1, sample s2: "Inf" is not a finite number; leave the cell empty or write NA if the value is missing; else take out the gene or the sample/,
    ],
    ["modules", "huge.tsv", [], /line 2: gene g1, sample s2: "1e999" is not a number that fits into 64 bits/],
    ["modules", "few.tsv", [], /few\.tsv: 3 samples to correlate genes over; at least 4 are needed/],
    ["modules", "twice.tsv", [], /twice\.tsv, line 3: gene g1 is there already/],
    ["correlate", "allConstant.tsv", [], /allConstant\.tsv: .*constant/],
    ["modules", "allConstant.tsv", [], /allConstant\.tsv: .*constant/],
    ["modules", "e.tsv", ["--max-block-size", "some"], /--max-block-size takes a whole number/],
    ["correlate", "e.tsv", ["--dense", "csv"], /--dense takes npy or parquet/],
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
