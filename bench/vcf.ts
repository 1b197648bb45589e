/**
 * Reading a VCF into what a map needs, as a whole process, beside bcftools and plink2 on the same files:
 *   node bench/run.mjs bench/vcf.ts [--samples 500] [--variants 20000] [--runs 3] [--folder .cache/bench]
 * Needs Debian's bcftools and plink2, and GNU time. Files are generated once and kept in the folder (0.2 GB). Ends
 * with exit code 1 when the file ten times longer takes more than 8 MiB more memory (what V8 has not collected yet)
 * beside 32 bytes for each further variant (its place, and its id while ids are checked).
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../src/bench/random.ts";
import { openVcf } from "../src/formats/vcf.ts";
import { fileSource } from "../src/node/files.ts";
import { inflateGzip } from "../src/node/inflate.ts";
import { fileSpool } from "../src/node/spool.ts";
import { readArguments } from "./arguments.ts";
import { type Measurement, measure, median } from "./measure.ts";
import { machine } from "./scene.ts";

const settings = readArguments({ samples: 500, variants: 20_000, runs: 3, folder: ".cache/bench", read: "" });

interface VcfFile {
  readonly path: string;
  readonly variants: number;
  /** Bytes of text. */
  readonly text: number;
}

if (settings.read === "") await compare();
else await read(settings.read);

/** What is measured: the file is streamed, checked and stored as for a map. */
async function read(path: string): Promise<void> {
  const vcf = await fileSource(path);
  const source = await openVcf({ vcf, openSpool: fileSpool }, inflateGzip);
  if (source.variantCount === 0) throw new Error("no variants");
  await source.close?.();
  await vcf.close();
}

async function compare(): Promise<void> {
  console.log(machine());
  console.log("| file | reader | time | CPU | MB/s of text | M genotypes/s | peak |");
  console.log("|---|---|---|---|---|---|---|");
  const self = process.argv[1]!;
  const { variants } = settings;
  const peaks: number[] = [];
  for (const [name, count, dosages] of [
    ["GT", variants, false],
    ["GT, ten times longer", 10 * variants, false],
    ["GT:DS:GP", variants, true],
  ] as const) {
    const file = await generated(count, dosages);
    const ours = await median(settings.runs, () => measure(process.execPath, [self, "--read", file.path]));
    if (!dosages) peaks.push(ours.peak);
    print(name, file, "Qortex", ours);
    const bcf = ["view", "--no-version", "-O", "u", "-o", "/dev/null", file.path];
    print(name, file, "bcftools view -Ou", await median(settings.runs, () => measure("bcftools", bcf)));
    const out = join(settings.folder, "plink2-out");
    const bed = ["--vcf", file.path, ...(dosages ? ["dosage=DS"] : []), "--threads", "2", "--out", out];
    const made = [...bed, dosages ? "--make-pgen" : "--make-bed"];
    print(name, file, `plink2 ${made.at(-1)}`, await median(settings.runs, () => measure("plink2", made)));
    for (const ending of ["bed", "bim", "fam", "log", "pgen", "pvar", "psam"])
      rmSync(`${out}.${ending}`, { force: true });
  }
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  const more = peaks[1]! - peaks[0]!;
  const allowed = 2 ** 23 + 32 * 9 * variants;
  console.log(
    `\nThe file ten times longer takes ${mebibytes(more)} MiB more memory (limit ${mebibytes(allowed)}).`,
  );
  process.exitCode = more > allowed ? 1 : 0;
}

function print(name: string, file: VcfFile, reader: string, run: Measurement): void {
  const cells = [
    `${name}: ${settings.samples} x ${file.variants}, ${(file.text / 1e6).toFixed(0)} MB`,
    reader,
    `${run.seconds.toFixed(2)} s`,
    `${run.cpuSeconds.toFixed(2)} s`,
    (file.text / 1e6 / run.seconds).toFixed(0),
    ((file.variants * settings.samples) / 1e6 / run.seconds).toFixed(0),
    `${Math.round(run.peak / 2 ** 20)} MiB`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

/** A BGZF VCF of phased calls, frequencies spread as 1/x; with `dosages`, imputed ones and their probabilities. */
async function generated(variants: number, dosages: boolean): Promise<VcfFile> {
  const { samples, folder } = settings;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `vcf-${samples}x${variants}${dosages ? "-ds" : ""}.vcf.gz`);
  const sizeFile = `${path}.size`;
  if (!existsSync(sizeFile)) {
    const text = await write(path, variants, dosages);
    execFileSync("bcftools", ["index", "-t", "-f", path]);
    writeFileSync(sizeFile, String(text));
  }
  return { path, variants, text: Number(readFileSync(sizeFile, "utf8")) };
}

async function write(path: string, variants: number, dosages: boolean): Promise<number> {
  const { samples } = settings;
  const random = seededRandom(1);
  const bcftools = spawn("bcftools", ["view", "--no-version", "-O", "z", "-o", path, "-"], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(bcftools, "close");
  const names = Array.from({ length: samples }, (_, s) => `S${s}`);
  let bytes = 0;
  const put = async (text: string): Promise<void> => {
    bytes += text.length;
    if (!bcftools.stdin.write(text)) await once(bcftools.stdin, "drain");
  };
  await put(
    '##fileformat=VCFv4.2\n##FILTER=<ID=PASS,Description="All filters passed">\n##contig=<ID=chr1>\n' +
      '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n' +
      '##FORMAT=<ID=DS,Number=A,Type=Float,Description="Dosage">\n'.slice(0, dosages ? undefined : 0) +
      '##FORMAT=<ID=GP,Number=G,Type=Float,Description="Probabilities">\n'.slice(0, dosages ? undefined : 0) +
      `#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${names.join("\t")}\n`,
  );
  for (let v = 0; v < variants; v++) {
    const frequency = 0.01 * 50 ** random.uniform();
    let line = `chr1\t${1000 + 100 * v}\trs${v}\tA\tG\t.\tPASS\t.\t${dosages ? "GT:DS:GP" : "GT"}`;
    for (let s = 0; s < samples; s++) {
      const a = random.uniform() < frequency ? 1 : 0;
      const b = random.uniform() < frequency ? 1 : 0;
      line += `\t${a}|${b}`;
      if (dosages) line += imputed(a + b, random.uniform());
    }
    await put(`${line}\n`);
  }
  bcftools.stdin.end();
  const [code] = (await ended) as [number];
  if (code !== 0) throw new Error(`bcftools ended with ${code}`);
  return bytes;
}

/** DS and GP of a call: 93% are certain. */
function imputed(copies: number, u: number): string {
  const off = u < 0.93 ? 0 : Math.round(500 * ((u - 0.93) / 0.07)) / 1000;
  const dosage = copies === 2 ? 2 - off : copies + off;
  const gp = [0, 0, 0];
  gp[Math.floor(dosage)] = 1 - (dosage % 1);
  if (dosage % 1 > 0) gp[Math.floor(dosage) + 1] = dosage % 1;
  return `:${Number(dosage.toFixed(3))}:${gp.map((p) => Number(p.toFixed(3))).join(",")}`;
}
