import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resultFiles } from "../../helpers/kill.ts";
import { type CohortFiles, cohortArguments, SAMPLES, writeCohort } from "./cohortFiles.ts";
import { Captured, type Outcome, qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-resume-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const CONTEXTS = join(scratch, "contexts.tsv");
let files: CohortFiles;
beforeAll(() => {
  files = writeCohort(join(scratch, "data"));
  const pairs = Array.from({ length: 60 }, (_, i) => `v${i * 5}\tgene${i % 30}\n`);
  writeFileSync(join(scratch, "pairs.tsv"), pairs.join(""));
  const scattered = Array.from({ length: 30 }, (_, i) => `gene${i}\tgroup${i % 4}\n`);
  writeFileSync(join(scratch, "scattered.tsv"), scattered.join(""));
  const contexts = Array.from(
    { length: SAMPLES },
    (_, s) => `S${String(s).padStart(2, "0")}\t${s % 7}\t${(s * s) % 11}\n`,
  );
  writeCovariance();
  writeFileSync(CONTEXTS, `sample\tage\tdose\n${contexts.join("")}`);
  for (const [name, first] of [
    ["height", 0],
    ["weight", 7],
  ] as const) {
    const weights = Array.from({ length: 40 }, (_, i) => `v${first + 7 * i}\t${"AC"[i % 2]}\t${i - 18}\n`);
    const alleles = weights.map((line, i) =>
      line.replace(/\t[AC]\t/, `\t${ALLELE_OF[(first + 7 * i) % 3]}\t`),
    );
    writeFileSync(join(scratch, `${name}.txt`), `variant_id\teffect_allele\tweight\n${alleles.join("")}`);
  }
});
/** Errors of samples in pairs that share a third of their variance. */
const COVARIANCE = join(scratch, "covariance.tsv");
function writeCovariance(): void {
  const ids = Array.from({ length: SAMPLES }, (_, s) => `S${String(s).padStart(2, "0")}`);
  const entry = (s: number, t: number): number => (s === t ? 1 + (s % 3) : s >> 1 === t >> 1 ? 0.3 : 0);
  const rows = [["id", ...ids], ...ids.map((id, s) => [id, ...ids.map((_, t) => entry(s, t))])];
  writeFileSync(COVARIANCE, rows.map((row) => `${row.join("\t")}\n`).join(""));
}

const ALLELE_OF = ["A", "C", "GA"];

let runs = 0;

/** A command on the cohort, into a folder of its own. */
async function run(
  words: readonly string[],
  out = join(scratch, `out-${++runs}`),
  changes: Parameters<typeof qortex>[1] = {},
): Promise<Outcome & { readonly out: string; readonly text: string }> {
  const [command, ...options] = words;
  const outcome = await qortex([command!, ...cohortArguments(files, out), ...options], changes);
  return { ...outcome, text: outcome.out, out };
}

async function done(words: readonly string[], out?: string): Promise<string> {
  const { code, err, out: folder } = await run(words, out);
  expect(code, err).toBe(0);
  return folder;
}

/** A run with `--resume` that is stopped when its first part is kept. */
async function stopped(words: readonly string[]): Promise<string> {
  const stopper = new AbortController();
  const lines = new Captured();
  const write = lines.write.bind(lines);
  lines.write = (text) => {
    write(text);
    if (text.includes('"phase":"testing"')) stopper.abort();
  };
  const { signal } = stopper;
  const outcome = await run([...words, "--resume", "--json"], undefined, { signal, out: lines });
  expect(outcome.code).toBe(130);
  const hint = `qortex: stopped: what is done is kept in ${outcome.out}.parts; run again with --resume to go on\n`;
  expect(outcome.err).toBe(hint);
  return outcome.out;
}

const MAPS: readonly (readonly [string, readonly string[]])[] = [
  ["cis", ["cis"]],
  ["cis without pairs, another FDR", ["cis", "--write-pairs", "none", "--fdr", "0.2"]],
  ["trans", ["trans", "--p-value", "0.01", "--distance", "1Mb"]],
  ["interactions, cis", ["cis", "--interaction", CONTEXTS]],
  ["interactions, trans", ["trans", "--interaction", CONTEXTS, "--p-value", "0.01", "--distance", "1Mb"]],
  ["a joint model of interactions", ["cis", "--interaction", CONTEXTS, "--joint", "--leads-only"]],
  ["a list of pairs", ["cis", "--pairs", join(scratch, "pairs.tsv")]],
  ["permutations", ["cis", "--permutations", "30", "--write-pairs", "significant", "--fdr", "0.3"]],
  ["groups over all shards", ["cis", "--permutations", "20", "--groups", join(scratch, "scattered.tsv")]],
  ["an error covariance", ["cis", "--error-covariance", COVARIANCE, "--permutations", "20", "--fdr", "0.3"]],
  ["eigenMT", ["cis", "--within-gene", "eigenmt", "--fdr", "0.3"]],
  ["ACAT", ["cis", "--within-gene", "acat"]],
  ["trans permutations", ["trans", "--p-value", "0.01", "--permutations", "3"]],
];

/** Commands whose work is kept step by step, and not shared. */
const STEPPED: readonly (readonly [string, readonly string[]])[] = [
  ["ANOVA", ["trans", "--model", "anova", "--p-value", "0.01", "--distance", "1Mb"]],
  ["fine-mapping", ["finemap"]],
  ["scores", ["eqts", "--weights", `${join(scratch, "height.txt")},${join(scratch, "weight.txt")}`]],
  [
    "scores, permuted",
    ["eqts", "--weights", join(scratch, "height.txt"), "--spearman", "--permutations", "10"],
  ],
  [
    "independent signals",
    ["independent", "--cis", join(scratch, "led"), "--fdr", "0.99", "--permutations", "30"],
  ],
];

describe.each([...MAPS, ...STEPPED])("%s", (name, words) => {
  beforeAll(async () => {
    if (name === "independent signals") await done(["cis", "--permutations", "30"], join(scratch, "led"));
  });

  test("with --resume, whole or stopped and resumed: the files of a plain run, and no parts left", async () => {
    const plain = resultFiles(await done(words));
    const whole = await done([...words, "--resume"]);
    expect(resultFiles(whole)).toEqual(plain);
    const out = await stopped(words);
    expect(readdirSync(scratch)).toContain(`${out.split("/").pop()}.parts`);
    expect(readdirSync(scratch)).not.toContain(out.split("/").pop());
    await done([...words, "--resume"], out);
    expect(resultFiles(out)).toEqual(plain);
    expect(readdirSync(scratch).filter((name) => name.endsWith(".parts"))).toEqual([]);
  });
});

describe.each(MAPS)("%s", (_, words) => {
  test("shards, done anyhow and merged from the outside in, are the files of one run", async () => {
    const plain = resultFiles(await done(words));
    const shards = [
      await done([...words, "--shard", "3/3", "--threads", "1"]),
      await done([...words, "--shard", "1/3", "--memory", "300M", "--resume"]),
      await done([...words, "--shard", "2/3", "--backend", "reference"]),
    ];
    const out = join(scratch, `merged-${++runs}`);
    const merged = await qortex(["merge", ...shards, "--out", out]);
    expect(merged.code, merged.err).toBe(0);
    expect(resultFiles(out)).toEqual(plain);
    expect(merged.out).toContain("report.html");
  });
});

test("parts of other options or files are refused, and say how they differ", async () => {
  const out = await stopped(["cis"]);
  const other = await run(["cis", "--resume", "--window", "500kb", "--maf", "0.1"], out);
  expect(other.code).toBe(2);
  expect(other.err.replaceAll(scratch, "")).toContain(
    "holds the parts of another run: --window was 1000000, now 500000; --maf was 0.01, now 0.1; run with the same options and files, or delete the folder to begin anew",
  );
  const before = readFileSync(files.covariates, "utf8");
  writeFileSync(files.covariates, before.replace(/\d/, "9"));
  const changed = await run(["cis", "--resume"], out);
  writeFileSync(files.covariates, before);
  expect(changed.code).toBe(2);
  expect(changed.err).toContain("covariates.tsv has changed (its content)");
  expect(await done(["cis", "--resume", "--threads", "1"], out)).toBe(out);
});

test("parts of another command, or of another number of permutations, say so in words", async () => {
  const out = await stopped(["cis", "--permutations", "20:40"]);
  const fewer = await run(["cis", "--permutations", "20", "--resume"], out);
  expect(fewer.err).toContain("--permutations was least 20, most 40, now least 20, most 20; run with");
  const other = await run(["trans", "--p-value", "0.01", "--resume"], out);
  expect(other.code).toBe(2);
  expect(other.err).toContain("holds the parts of another run: the command was cis, now trans; run with");
});

test("steps of other options, or of a file that has changed, are refused in words, and damaged ones done again", async () => {
  const list = join(scratch, "genes.txt");
  const genes = Array.from({ length: 25 }, (_, g) => `gene${g}\n`).join("");
  writeFileSync(list, genes);
  const words = ["finemap", "--genes", list];
  const plain = resultFiles(await done(words));
  const out = await stopped(words);
  const other = await run([...words, "--resume", "--coverage", "0.9"], out);
  expect(other.code).toBe(2);
  expect(other.err).toContain("holds the parts of another run: --coverage was 0.95, now 0.9; run with");
  writeFileSync(list, genes.replace("gene24", "gene26"));
  const changed = await run([...words, "--resume"], out);
  expect(changed.code).toBe(2);
  expect(changed.err).toContain("genes.txt has changed (its content)");
  writeFileSync(list, genes);
  const part = "part-000000001-000000";
  writeFileSync(join(`${out}.parts`, part), "torn by a loss of power");
  const mended = await run([...words, "--resume", "--threads", "1"], out);
  expect(mended.err).toContain(`${part}: is damaged; its part is done again`);
  expect(resultFiles(out)).toEqual(plain);
});

test("files of one command's own count by their content, wherever they lie", async () => {
  const [here, there] = [join(scratch, "mapped.tsv"), join(scratch, "moved.tsv")];
  const contents = "gene1\tgene20\t3\ngene2\tgene21\t4\n";
  for (const path of [here, there]) writeFileSync(path, contents);
  const words = (path: string) => ["trans", "--p-value", "0.01", "--cross-mapping", path];
  const out = await stopped(words(here));
  writeFileSync(there, contents.replace("gene21", "gene22"));
  const changed = await run([...words(there), "--resume"], out);
  expect(changed.code).toBe(2);
  expect(changed.err).toContain("moved.tsv has changed (its content)");
  writeFileSync(there, contents);
  expect(await done([...words(there), "--resume"], out)).toBe(out);
  const groups = join(scratch, "groups.tsv");
  writeFileSync(groups, "gene1\tA\ngene2\tA\n");
  const grouped = ["cis", "--permutations", "20", "--groups", groups];
  const tested = await stopped(grouped);
  writeFileSync(groups, "gene1\tA\ngene2\tB\n");
  const regrouped = await run([...grouped, "--resume"], tested);
  expect(regrouped.err).toContain("groups.tsv has changed (its content)");
});

test("a folder that is none of ours is left alone", async () => {
  const out = join(scratch, "foreign");
  writeFileSync(`${out}.parts`, "mine");
  const refused = await run(["cis", "--resume"], out);
  expect(refused.code).toBe(2);
  expect(refused.err).toContain("is in the way");
  expect(readFileSync(`${out}.parts`, "utf8")).toBe("mine");
  rmSync(`${out}.parts`);
});

test("a result that is there already is not made again, and what is left of its parts goes", async () => {
  const out = await done(["cis", "--resume"]);
  const again = await run(["cis", "--resume"], out);
  expect(again).toMatchObject({ code: 0, text: `${out} is complete: nothing was left to do\n` });
  const other = await run(["cis", "--resume", "--maf", "0.1"], out);
  expect(other.code).toBe(2);
  expect(other.err).toContain("holds an earlier result");
});

test("what merge cannot merge is named", async () => {
  const [one, two] = [await done(["cis", "--shard", "1/3"]), await done(["cis", "--shard", "2/3"])];
  const merge = async (...folders: string[]): Promise<string> => {
    const { code, err } = await qortex(["merge", ...folders, "--out", join(scratch, "never")]);
    expect(code).toBe(2);
    return err.replaceAll(`${scratch}/`, "").replaceAll(/out-\d+/g, "SHARD");
  };
  expect(await merge(one, two)).toBe(
    "qortex: shard 3/3 is missing; run it with --shard, and give all 3 folders\n",
  );
  expect(await merge(one, one, two)).toContain("both are shard 1/3; give one");
  const other = await done(["cis", "--shard", "3/3", "--window", "500kb"]);
  expect(await merge(one, two, other)).toContain(
    "is no shard of the run of SHARD: --window was 1000000, now 500000",
  );
  expect(await merge(one, two, join(scratch, "data"))).toContain(
    "holds no shard; give the folders that --shard wrote",
  );
  const three = await done(["cis", "--shard", "3/3"]);
  const part = readdirSync(three).find((name) => name.startsWith("part-"))!;
  const bytes = readFileSync(join(three, part));
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(join(three, part), bytes);
  expect(await merge(one, two, three)).toContain(`${part}: is damaged; run shard 3/3 again with --overwrite`);
  rmSync(join(three, part));
  expect(await merge(one, two, three)).toContain("is missing or incomplete");
  expect(readdirSync(scratch)).not.toContain("never");
});

test.each(["0/3", "4/3", "3", "a/b", "1/0"])("--shard %s is refused", async (text) => {
  const { code, err } = await run(["cis", "--shard", text]);
  expect(code).toBe(2);
  expect(err).toBe(`qortex: --shard takes i/n, from 1/n to n/n (3/10: the third of ten); got "${text}"\n`);
});

test.each([
  [["eqts", "--weights", "scores.tsv", "--shard", "1/2"], "unknown option '--shard'"],
  [["finemap", "--shard", "1/2"], "unknown option '--shard'"],
  [["independent", "--cis", "led", "--shard", "1/2"], "unknown option '--shard'"],
  [["covariates", "--resume"], "unknown option '--resume'"],
  [["trans", "--model", "anova", "--shard", "1/2"], "--shard is not for --model anova"],
] as const)("%j: what is not shared or kept says so", async (words, text) => {
  const { code, err } = await run(words);
  expect(code).toBe(2);
  expect(err).toContain(text);
});
