/** The page of every command: well-formed, closed in itself, worth reading, and made again by `qortex report` byte for byte. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type CohortFiles, cohortArguments, SAMPLES, writeCohort } from "./cohortFiles.ts";
import { makeNetwork, path, scratch } from "./networkFunctionFiles.ts";
import { checkPage, pageText } from "./reportFiles.ts";
import { qortex } from "./shell.ts";

let files: CohortFiles;

interface Case {
  readonly name: string;
  readonly args: () => readonly string[];
  /** Plots in its page. */
  readonly plots: number;
  /** A work that it cites. */
  readonly cites: string;
}

const onCohort =
  (command: string, ...options: string[]) =>
  () => [
    command,
    ...cohortArguments(files, "OUT").filter((word) => word !== "--out" && word !== "OUT"),
    ...options,
  ];
const network =
  (command: string, ...options: string[]) =>
  () => ["network", command, ...options];

/** In an order in which each finds what it goes on from. */
const CASES: readonly Case[] = [
  { name: "cis", args: onCohort("cis", "--permutations", "100"), plots: 12, cites: "Ongen H" },
  {
    name: "trans",
    args: onCohort("trans", "--p-value", "0.01", "--distance", "1Mb"),
    plots: 12,
    cites: "Shabalin AA",
  },
  {
    name: "anova",
    args: onCohort("trans", "--model", "anova", "--p-value", "0.01", "--distance", "1Mb"),
    plots: 2,
    cites: "Shabalin AA",
  },
  {
    name: "interaction",
    args: onCohort("cis", "--interaction", path("context.txt")),
    plots: 9,
    cites: "MacKinnon JG",
  },
  { name: "eqts", args: onCohort("eqts", "--weights", path("weights.txt")), plots: 2, cites: "Võsa U" },
  {
    name: "independent",
    args: onCohort("independent", "--cis", path("out/cis"), "--permutations", "100"),
    plots: 2,
    cites: "Taylor-Weiner A",
  },
  { name: "finemap", args: onCohort("finemap", "--cis", path("out/cis")), plots: 2, cites: "Wang G" },
  { name: "covariates", args: onCohort("covariates"), plots: 5, cites: "Chang CC" },
  {
    name: "correlate",
    args: network("correlate", "--expression", path("expression.tsv"), "--min-r", "0.4"),
    plots: 2,
    cites: "Benjamini Y",
  },
  {
    name: "modules",
    args: network(
      "modules",
      "--expression",
      path("expression.tsv"),
      "--min-module-size",
      "10",
      "--power",
      "3",
    ),
    plots: 4,
    cites: "Langfelder P",
  },
  {
    name: "coregulation",
    args: network(
      "coregulation",
      "--expression",
      path("expression.tsv"),
      "--components",
      "12",
      "--p-value",
      "0.05",
    ),
    plots: 2,
    cites: "Fehrmann RSN",
  },
  { name: "communities", args: network("communities", "--edges", path("net")), plots: 6, cites: "Traag VA" },
  {
    name: "predict",
    args: network(
      "predict",
      "--coregulation",
      path("net"),
      "--gene-sets",
      path("sets.gmt"),
      "--min-genes",
      "5",
    ),
    plots: 1,
    cites: "Deelen P",
  },
  {
    name: "enrich",
    args: network(
      "enrich",
      "--modules",
      path("out/communities"),
      "--gene-sets",
      path("sets.gmt"),
      "--min-genes",
      "5",
    ),
    plots: 1,
    cites: "Benjamini Y",
  },
  {
    name: "key-genes",
    args: () => [
      ...["network", "key-genes", "--coregulation", path("net"), "--gwas", path("gwas.tsv")],
      ...["--reference", path("panel"), "--genes", path("genes.bed"), "--gene-sets", path("sets.gmt")],
      ...["--window", "0", "--maf", "0", "--cis-distance", "0", "--min-genes", "5"],
    ],
    plots: 2,
    cites: "Lamparter D",
  },
];

beforeAll(async () => {
  await makeNetwork();
  files = writeCohort(path("data"));
  const ids = Array.from({ length: SAMPLES }, (_, s) => `S${String(s).padStart(2, "0")}`);
  writeFileSync(path("context.txt"), ids.map((id, s) => `${id}\t${(s * 7) % 13}\n`).join(""));
  const weights = Array.from({ length: 40 }, (_, i) => `v${i * 3}\tA\t${(i % 5) - 2}\n`);
  writeFileSync(path("weights.txt"), `variant_id\teffect_allele\tweight\n${weights.join("")}`);
});

const sha256 = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

/** The files of a folder and their hashes. */
function hashes(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, sha256(join(folder, name))]));
}

describe.each(CASES)("$name", ({ name, args, plots, cites }) => {
  const out = path(`out/${name}`);

  test("has a page that says what was run, on what, what was found and how", async () => {
    const { code, err } = await qortex([...args(), "--out", out]);
    expect(code, err).toBe(0);
    const elements = checkPage(join(out, "report.html"));
    expect(elements.filter((element) => element.name === "svg").length).toBe(plots);
    const ids = elements.flatMap(({ attributes }) => attributes.get("id") ?? []);
    for (const id of ["inputs", "figures", "tables", "methods", "manifest"]) expect(ids, id).toContain(id);
    const text = pageText(join(out, "report.html"));
    expect(text).toContain(cites);
    for (const broken of ["NaN", "undefined", "Infinity", "[object"])
      expect(text, broken).not.toContain(broken);
    expect(text.replaceAll(scratch, "SCRATCH")).toMatchSnapshot();
  });

  test("is made again from the folder, byte for byte, and nothing else is touched", async () => {
    const before = hashes(out);
    const { code, err } = await qortex(["report", out]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(hashes(out)).toEqual(before);
    rmSync(join(out, "report.html"));
    expect((await qortex(["report", out])).code).toBe(0);
    expect(hashes(out)).toEqual(before);
  });

  test("shows more rows where they are asked for", async () => {
    const page = path(`${name}.html`);
    expect((await qortex(["report", out, "--out", page, "--top", "1"])).code).toBe(0);
    checkPage(page);
    const rows = (file: string): number => readFileSync(file, "utf8").split("<tr>").length;
    const few = rows(page);
    expect((await qortex(["report", out, "--out", page, "--top", "1000"])).code).toBe(0);
    expect(rows(page)).toBeGreaterThanOrEqual(few);
    expect(rows(page)).toBeGreaterThanOrEqual(rows(join(out, "report.html")));
  });

  test("is made as far as it goes without what the command kept", async () => {
    const before = hashes(out);
    const kept = readFileSync(join(out, "report.data"));
    rmSync(join(out, "report.data"));
    const page = path(`${name}-old.html`);
    const { code, err } = await qortex(["report", out, "--out", page]);
    writeFileSync(join(out, "report.data"), kept);
    expect(code, err).toBe(0);
    expect(err).toContain("keeps no report.data");
    const elements = checkPage(page);
    expect(elements.filter((element) => element.name === "svg").length).toBe(plots);
    expect(pageText(page)).toContain("Inputs");
    expect(hashes(out)).toEqual(before);
  });
});

test("a page with more in it takes its place in the manifest", async () => {
  const out = path("out/cis");
  const manifest = () =>
    JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as {
      files: { name: string; bytes: number; sha256: string; rows?: number }[];
    };
  const before = manifest();
  const { code, err } = await qortex(["report", out, "--gene", "gene0", "--gene", "gene7"]);
  expect(code, err).toBe(0);
  const page = readFileSync(join(out, "report.html"), "utf8");
  expect(page.split("<svg").length - 1).toBe(14);
  expect(page).toContain("gene7");
  checkPage(join(out, "report.html"));
  const after = manifest();
  expect(after.files.find(({ name }) => name === "report.html")).toEqual({
    name: "report.html",
    bytes: Buffer.byteLength(page),
    sha256: sha256(join(out, "report.html")),
  });
  const others = ({ files: list }: typeof before) => list.filter(({ name }) => name !== "report.html");
  expect({ ...after, files: others(after) }).toEqual({ ...before, files: others(before) });
  expect((await qortex(["report", out])).code).toBe(0);
  expect(manifest()).toEqual(before);
});

test("what cannot be done is said in a line, and nothing is written", async () => {
  const said = async (...words: string[]) => {
    const { code, err } = await qortex(["report", ...words]);
    expect(code).toBe(2);
    return err.replaceAll(scratch, "SCRATCH");
  };
  expect([
    await said(path("data")),
    await said(path("nowhere")),
    await said(path("out/cis"), "--gene", "nobody"),
    await said(path("out/cis"), "--gene", "gene5"),
    await said(path("out/cis"), "--gene", ""),
    await said(path("out/trans"), "--gene", "gene0"),
    await said(path("out/cis"), "--top", "0"),
    await said(path("out/cis"), "--out", path("nowhere/page.html")),
  ]).toMatchSnapshot();
  expect(existsSync(path("nowhere"))).toBe(false);
  const kept = join(path("out/finemap"), "report.data");
  const bytes = readFileSync(kept);
  writeFileSync(kept, bytes.subarray(0, bytes.length - 8));
  expect(await said(path("out/finemap"))).toContain("cut short or damaged");
  writeFileSync(kept, bytes);
  const table = readdirSync(path("out/finemap")).find((name) => name.startsWith("finemap_sets"))!;
  const rows = readFileSync(join(path("out/finemap"), table));
  rmSync(join(path("out/finemap"), table));
  expect(await said(path("out/finemap"))).toContain(`lacks ${table}, which manifest.json lists; put it back`);
  writeFileSync(join(path("out/finemap"), table), rows);
});

test("--report-loci sets how many regional plots there are", async () => {
  const few = path("few");
  const { code, err } = await qortex(["cis", ...cohortArguments(files, few), "--report-loci", "2"]);
  expect(code, err).toBe(0);
  expect(readdirSync(few).filter((name) => name.startsWith("locus-"))).toEqual([
    "locus-1.svg",
    "locus-2.svg",
  ]);
  const none = path("none");
  expect((await qortex(["cis", ...cohortArguments(files, none), "--report-loci", "0"])).code).toBe(0);
  expect(pageText(join(none, "report.html"))).not.toContain("Top loci");
});

test("names that are markup are shown as they are written", async () => {
  const evil = `<img_src=x>"&'<script>`;
  const hostile = writeCohort(path("hostile"));
  const expression = readFileSync(hostile.expression, "utf8").replace(/\tgene0\t/, `\t${evil}\t`);
  writeFileSync(hostile.expression, expression);
  const bim = `${hostile.genotypes}.bim`;
  writeFileSync(bim, readFileSync(bim, "utf8").replace(/\tv10\t/, `\t${evil}v\t`));
  const out = path("hostile-out");
  const { code, err } = await qortex(["cis", ...cohortArguments(hostile, out)]);
  expect(code, err).toBe(0);
  const names = new Set(checkPage(join(out, "report.html")).map(({ name }) => name));
  expect(names.has("img") || names.has("script")).toBe(false);
  expect(pageText(join(out, "report.html"))).toContain(evil);
  const page = path("hostile.html");
  expect((await qortex(["report", out, "--out", page, "--gene", evil])).code).toBe(0);
  checkPage(page);
});

test("the checker of pages finds what it looks for", () => {
  const page = readFileSync(join(path("out/cis"), "report.html"), "utf8");
  const bad = path("bad.html");
  for (const [from, to] of [
    ["</main>", "<script>1</script></main>"],
    ["</main>", "</p></main>"],
    ["</main>", '<img src="https://example.org/x.png"></main>'],
    ["<main>", '<main onclick="x">'],
    ["default-src 'none'", "default-src 'self'"],
    ["<h1>", "<h1>&nope"],
  ] as const) {
    writeFileSync(bad, page.replace(from, to));
    expect(() => checkPage(bad), to).toThrow();
  }
});
