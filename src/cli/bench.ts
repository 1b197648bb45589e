import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Agreement, type Named, requireAgreement } from "../bench/agree.ts";
import type { CohortShape } from "../bench/cohort.ts";
import { makeOperands, type Operands } from "../bench/operands.ts";
import { measurePeak } from "../bench/peak.ts";
import { AGREEMENT, type Effort, FULL, planCohort, QUICK } from "../bench/plan.ts";
import { type ProductTimes, timeProducts } from "../bench/products.ts";
import { thresholdOf } from "../bench/work.ts";
import { throwIfAborted, UsageError } from "../errors.ts";
import { createBackend } from "../node/backends.ts";
import { machineFacts } from "../node/machine.ts";
import { writeMadeCohort } from "../node/madeCohort.ts";
import { spawnThread } from "../node/threads.ts";
import { usage } from "../node/usage.ts";
import { type CommandBackend, type CommandTimes, timeCommand } from "./benchCommands.ts";
import { findGpu, type GpuFound } from "./benchGpu.ts";
import type { BenchOptions } from "./benchOptions.ts";
import { type BenchPeak, type BenchReport, benchMarkdown, benchRecord } from "./benchReport.ts";
import { type Invocation, version } from "./shell.ts";
import { Terminal } from "./terminal.ts";

/** Variants of the bare products: a GPU needs more to be busy. */
const VARIANTS = { cpu: 8192, gpu: 32_768 } as const;
/** log10 of the p at which backends must agree: hundreds of pairs of the slice pass. */
const AGREEMENT_LOG10_P = -3;

/** The slowest backend may take this many times as long as the fastest would. */
const SLOWEST = 20;

/** What is compared, as a backend and as options of a command. */
interface Compared extends Named, CommandBackend {
  readonly threads: number;
  readonly gpu: boolean;
  /** A GPU made of software. */
  readonly slow: boolean;
}

/** What the steps of a benchmark have in common. */
interface Bench {
  readonly options: BenchOptions;
  readonly effort: Effort;
  readonly shell: Invocation;
  readonly terminal: Terminal;
  readonly compared: readonly Compared[];
  readonly judge: Named;
  readonly gpu: GpuFound;
}

/** `qortex bench`. Throws BackendError, and shows no time, where backends disagree. */
export async function runBench(options: BenchOptions, shell: Invocation): Promise<void> {
  if (options.device !== undefined && options.backend === "wasm") {
    throw new UsageError(`--device ${options.device} is a GPU, but --backend is wasm; leave one of them out`);
  }
  const terminal = new Terminal({ out: shell.out, err: shell.err, quiet: false, now: shell.now });
  const compared: Compared[] = [];
  try {
    const gpu = await findGpu(options);
    terminal.status(`GPU: ${gpu.text}`);
    for (const threads of new Set([1, options.threads])) compared.push(await cpu(threads));
    if (gpu.timed) compared.push(await gpuBackend(options, gpu, terminal));
    const judge = { name: "reference, 1 thread", backend: await createBackend("reference") };
    const effort = options.quick ? QUICK : FULL;
    const report = await measure({ options, effort, shell, terminal, compared, judge, gpu });
    terminal.clear();
    const text = options.json ? JSON.stringify(benchRecord(report), null, 2) : benchMarkdown(report);
    terminal.result(text);
  } finally {
    terminal.clear();
    for (const { backend } of compared) await backend.dispose();
  }
}

async function cpu(threads: number): Promise<Compared> {
  const backend = await createBackend("wasm", { threads });
  const args = ["--backend", "wasm", "--threads", String(threads)];
  return {
    name: `wasm, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    backend,
    args,
    threads,
    gpu: false,
    slow: false,
  };
}

async function gpuBackend(
  { device, threads }: BenchOptions,
  { adapter }: GpuFound,
  terminal: Terminal,
): Promise<Compared> {
  const onWarning = (text: string) => terminal.message({ level: "warning", text });
  const backend = await createBackend("webgpu", { threads, device, onWarning });
  const args = ["--backend", "webgpu", "--threads", String(threads)];
  if (device !== undefined) args.push("--device", device);
  return { name: "webgpu", backend, args, threads, gpu: true, slow: adapter?.software === true };
}

/** Agreement first, then times. */
async function measure(bench: Bench): Promise<BenchReport> {
  const { options, effort, shell, terminal, compared, judge, gpu } = bench;
  const machine = machineFacts(version());
  const products = compared.some((one) => one.gpu && !one.slow) ? VARIANTS.gpu : VARIANTS.cpu;
  terminal.doing("Making operands");
  const operands = makeOperands({
    kind: "calls",
    samples: options.samples ?? 500,
    variants: products,
    genes: options.genes ?? effort.genes,
    seed: options.seed,
  });
  throwIfAborted(shell.signal);
  const agreement = await agree(bench, operands);
  // Before and after: what else the machine does meanwhile must not make the peak less than what is compared with it.
  const before = await peaksOf(bench);
  const times = await timeProducts({
    operands,
    backends: compared.filter(({ slow }) => !slow),
    slow: [...compared.filter(({ slow }) => slow), judge],
    slice: AGREEMENT,
    repeats: effort.repeats,
    least: effort.least,
    signal: shell.signal,
    onDoing: (text) => terminal.doing(text),
  });
  const peaks = higher(before, await peaksOf(bench));
  const shape = planCohort(effort, { ...options }, rateOf(times, compared));
  const commands = await timeCommands(bench, shape);
  return {
    command: ["qortex", ...shell.args].join(" "),
    machine,
    gpu,
    effort,
    operands: { samples: operands.samples, variants: operands.rows.count, genes: operands.columns.count },
    cohort: shape,
    agreement,
    peaks,
    compared: compared.map(({ name, threads, gpu: isGpu }) => ({ name, threads, gpu: isGpu })),
    products: times,
    commands,
    peakBytes: usage().peakBytes,
  };
}

async function agree({ terminal, judge, compared, shell }: Bench, operands: Operands): Promise<Agreement> {
  terminal.doing("Checking that all backends agree");
  const slice = { ...AGREEMENT, r: thresholdOf(AGREEMENT_LOG10_P, operands.samples) };
  return requireAgreement(judge, compared, operands, slice, shell.signal);
}

/** The CPU's peak on one thread, and on all. */
async function peaksOf({ options, effort, terminal, shell }: Bench): Promise<BenchPeak[]> {
  const peaks: BenchPeak[] = [];
  for (const threads of new Set([1, options.threads])) {
    terminal.doing(`Measuring the CPU's peak · ${threads} of ${options.threads} threads`);
    const settings = { seconds: effort.peak, repeats: 3, signal: shell.signal };
    peaks.push({ threads, ...(await measurePeak(spawnThread, threads, settings)) });
  }
  return peaks;
}

function higher(some: readonly BenchPeak[], others: readonly BenchPeak[]): BenchPeak[] {
  return some.map(({ threads, int16, f64 }, i) => ({
    threads,
    int16: Math.max(int16, others[i]!.int16),
    f64: Math.max(f64, others[i]!.f64),
  }));
}

/** Pairs a second that the whole commands are sized by: the fastest screen's, unless another would then take for ever. */
function rateOf(times: readonly ProductTimes[], compared: readonly Compared[]): number {
  const rates = times
    .filter(({ job, name }) => job === "screen" && compared.some((one) => one.name === name))
    .map(({ pairs, seconds }) => pairs / Math.min(...seconds));
  return Math.min(Math.max(...rates), SLOWEST * Math.min(...rates));
}

async function timeCommands(bench: Bench, shape: CohortShape): Promise<CommandTimes[]> {
  const { shell, terminal, compared, effort } = bench;
  const onDoing = (text: string) => terminal.doing(text);
  const folder = await mkdtemp(join(tmpdir(), "qortex-bench-"));
  try {
    onDoing("Making the cohort");
    const cohort = await writeMadeCohort(join(folder, "cohort"), shape, shell.signal);
    const setting = {
      entry: shell.entry,
      cohort,
      folder,
      backends: compared,
      repeats: effort.commands,
      signal: shell.signal,
      onDoing,
    };
    return [...(await timeCommand("trans", setting)), ...(await timeCommand("cis", setting))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
