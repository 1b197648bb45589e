/**
 * The bare product, variants x genes: Qortex's screen beside matrix products of the same shape, on as many threads, in
 * the same run, taking turns:
 *   node bench/run.mjs bench/products.ts [--samples 200,500,2683] [--threads 1,2] [--rows 8192] [--columns 1024]
 *     [--repeats 7] [--seconds 0.3] [--rivals all|openblas|none] [--seed 1]
 * The screen includes threshold, bound and the selection of candidates at p <= 1e-5; a matrix product includes nothing,
 * and leaves all its numbers in memory. A rival that is not installed is named, with the command that installs it.
 */
import { type Named, requireAgreement } from "../src/bench/agree.ts";
import { makeOperands, type Operands, type RowKind } from "../src/bench/operands.ts";
import { AGREEMENT } from "../src/bench/plan.ts";
import { alternate, type Contender, repeated, spread } from "../src/bench/repeat.ts";
import { screen, thresholdOf } from "../src/bench/work.ts";
import { markdownTable } from "../src/cli/markdown.ts";
import type { LoadedColumns } from "../src/compute/backend.ts";
import { createBackend } from "../src/node/backends.ts";
import { readArguments } from "./arguments.ts";
import { RIVAL_PROGRAMS, RivalProcess, type RivalProgram, SGEMM } from "./rivalPrograms.ts";
import { machine } from "./scene.ts";

const settings = readArguments({
  samples: "200,500,2683",
  threads: "1,2",
  rows: 8192,
  columns: 1024,
  repeats: 7,
  seconds: 0.3,
  rivals: "all",
  seed: 1,
});

/** How the genotypes come, in words, and how many times sgemm's speed the screen is to have. */
const KINDS: readonly { readonly kind: RowKind; readonly label: string; readonly target: number }[] = [
  { kind: "calls", label: "screen, hard calls", target: 2.5 },
  { kind: "imputed", label: "screen, imputed dosages", target: 1.5 },
  { kind: "dense", label: "screen, dense dosages", target: 0.6 },
];
/** Runs that do not count; the first finds out how many passes make a run. */
const WARMUPS = 2;
/** Rows that a slow rival does. */
const SLOW_ROWS = 128;

interface Entry {
  readonly label: string;
  readonly target?: number;
  readonly pairs: number;
  readonly contender: Contender;
  /** Processor seconds of a pass, of each run. */
  readonly cpuSeconds: readonly number[];
}

const when = machine();
const numbers = (list: string): number[] => list.split(",").map(Number);
const details = new Set<string>();
const chosen = chosenRivals(settings.rivals);
const rows: string[][] = [];
for (const samples of numbers(settings.samples)) {
  const shape = { samples, variants: settings.rows, genes: settings.columns, seed: settings.seed };
  const operands = KINDS.map(({ kind }) => makeOperands({ ...shape, kind }));
  for (const threads of numbers(settings.threads)) rows.push(...(await compare(operands, samples, threads)));
}
console.log(`${when}\n`);
console.log(
  `${settings.rows} variants x ${settings.columns} genes; medians of ${settings.repeats} repeats that take turns. Minor allele frequencies with the density 1/x from 0.01 to 0.5; 7% of imputed and all of dense dosages lie between the whole numbers. The screen includes threshold, bound and selection at p <= 1e-5; a matrix product includes nothing. "of OpenBLAS" is the ratio to sgemm of the same shape on as many threads, by the clock and, steadier on a busy machine, by processor time.\n`,
);
const heads = [
  "samples",
  "threads",
  "product",
  "M pairs/s",
  "range",
  "of OpenBLAS",
  "M pairs/CPU s",
  "of OpenBLAS",
  "target",
];
console.log(markdownTable(heads, rows, 3));
console.log("");
for (const detail of details) console.log(`- ${detail}`);

function chosenRivals(which: string): RivalProgram[] {
  const wanted = which === "all" ? RIVAL_PROGRAMS : which === "openblas" ? [SGEMM] : [];
  return wanted.filter((rival) => {
    if (rival.installed()) return true;
    details.add(`${rival.name} is missing: ${rival.install}`);
    return false;
  });
}

/** All contenders of a number of samples and threads, as rows of the table. */
async function compare(operands: readonly Operands[], samples: number, threads: number): Promise<string[][]> {
  const backend = await createBackend("wasm", { threads });
  const judge = { name: "reference", backend: await createBackend("reference") };
  const held: LoadedColumns[] = [];
  const running: RivalProcess[] = [];
  try {
    const entries: Entry[] = [];
    for (const [i, { label, target }] of KINDS.entries()) {
      const one = operands[i]!;
      await agree(judge, { name: `${label}, ${threads} threads`, backend }, one);
      const columns = await backend.load(one.columns);
      held.push(columns);
      const pass = async () => void (await screen(backend, one, columns, thresholdOf(-5, samples)));
      const pairs = settings.rows * settings.columns;
      entries.push({ label: `Qortex ${label}`, target, pairs, ...ownContender(label, pass) });
    }
    for (const rival of chosen) {
      if (threads > 1 && !rival.threads) continue;
      const count = rival.slow ? SLOW_ROWS : settings.rows;
      const started = await start(rival, { rows: count, columns: settings.columns, samples, threads });
      if (started === undefined) continue;
      running.push(started);
      const timed = rivalContender(rival.name, started);
      entries.push({ label: rival.name, pairs: count * settings.columns, ...timed });
    }
    process.stderr.write(
      `n = ${samples}, ${threads} threads: ${entries.map(({ label }) => label).join(", ")}\n`,
    );
    const times = await alternate(
      entries.map(({ contender }) => contender),
      settings.repeats,
      { warmups: WARMUPS },
    );
    return tableRows(entries, times, samples, threads);
  } finally {
    for (const columns of held) await columns.dispose();
    for (const one of running) one.stop();
    await backend.dispose();
  }
}

async function agree(judge: Named, other: Named, operands: Operands): Promise<void> {
  const slice = {
    variants: AGREEMENT.variants / 4,
    genes: AGREEMENT.genes / 4,
    r: thresholdOf(-2, operands.samples),
  };
  await requireAgreement(judge, [other], operands, slice);
}

/** Undefined, and named, where it is installed but does not run here. */
async function start(
  rival: RivalProgram,
  shape: Parameters<typeof RivalProcess.start>[1],
): Promise<RivalProcess | undefined> {
  try {
    const started = await RivalProcess.start(rival, shape);
    details.add(`${rival.name}: ${started.detail}${rival.slow ? ` (${SLOW_ROWS} rows only)` : ""}`);
    return started;
  } catch (error) {
    details.add(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

type Timed = Pick<Entry, "contender" | "cpuSeconds">;

/** A contender of this process, whose processor time is all ours while its turn lasts. */
function ownContender(name: string, pass: () => Promise<void>): Timed {
  const cpuSeconds: number[] = [];
  let passes = 0;
  const { run } = repeated(name, settings.seconds, async () => {
    passes += 1;
    await pass();
  });
  const counted = async (): Promise<number> => {
    passes = 0;
    const before = process.cpuUsage();
    const seconds = await run();
    const { user, system } = process.cpuUsage(before);
    cpuSeconds.push((user + system) / 1e6 / passes);
    return seconds;
  };
  return { contender: { name, run: counted }, cpuSeconds };
}

/** The same with the clock in the rival's own process. */
function rivalContender(name: string, rival: RivalProcess): Timed {
  const cpuTimes: number[] = [];
  let passes = 1;
  const run = async (): Promise<number> => {
    const { seconds, cpuSeconds } = await rival.time(passes);
    cpuTimes.push(cpuSeconds);
    passes = Math.max(1, Math.min(10_000, Math.round(settings.seconds / Math.max(seconds, 1e-6))));
    return seconds;
  };
  return { contender: { name, run }, cpuSeconds: cpuTimes };
}

function tableRows(
  entries: readonly Entry[],
  times: readonly (readonly number[])[],
  samples: number,
  threads: number,
): string[][] {
  const rate = (index: number): number => entries[index]!.pairs / spread(times[index]!).median;
  // The first runs warmed up.
  const cpuRate = (index: number): number =>
    entries[index]!.pairs / spread(entries[index]!.cpuSeconds.slice(WARMUPS)).median;
  const sgemm = entries.findIndex(({ label }) => label === SGEMM.name);
  const millions = (value: number): string => String(Number((value / 1e6).toPrecision(3)));
  const ratio = (of: (index: number) => number, index: number): string =>
    sgemm < 0 ? "" : `${(of(index) / of(sgemm)).toFixed(2)}x`;
  return entries.map(({ label, target, pairs }, i) => {
    const { least, most } = spread(times[i]!);
    return [
      String(samples),
      String(threads),
      label,
      millions(rate(i)),
      `${millions(pairs / most)} to ${millions(pairs / least)}`,
      ratio(rate, i),
      millions(cpuRate(i)),
      ratio(cpuRate, i),
      target === undefined ? "" : `>= ${target}x`,
    ];
  });
}
