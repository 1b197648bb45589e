import type { Agreement } from "../bench/agree.ts";
import type { CohortShape } from "../bench/cohort.ts";
import type { Peak } from "../bench/peak.ts";
import type { Effort } from "../bench/plan.ts";
import type { ProductTimes } from "../bench/products.ts";
import { spread } from "../bench/repeat.ts";
import type { MachineFacts } from "../node/machine.ts";
import type { Json } from "../node/manifest.ts";
import { count } from "../report/numbers.ts";
import type { CommandTimes } from "./benchCommands.ts";
import type { GpuFound } from "./benchGpu.ts";
import { memorySize, shortCount } from "./format.ts";
import { markdownTable } from "./markdown.ts";

export interface BenchPeak extends Peak {
  readonly threads: number;
}

/** Everything a benchmark found out. */
export interface BenchReport {
  readonly command: string;
  readonly machine: MachineFacts;
  readonly gpu: GpuFound;
  readonly effort: Effort;
  /** Of the bare products. */
  readonly operands: { readonly samples: number; readonly variants: number; readonly genes: number };
  /** Of the whole commands. */
  readonly cohort: CohortShape;
  readonly agreement: Agreement;
  readonly peaks: readonly BenchPeak[];
  readonly compared: readonly { readonly name: string; readonly threads: number; readonly gpu: boolean }[];
  readonly products: readonly ProductTimes[];
  readonly commands: readonly CommandTimes[];
  /** Most memory that the benchmark's own process held. */
  readonly peakBytes: number;
}

/** The report as Markdown that is also read well as it is. */
export function benchMarkdown(report: BenchReport): string {
  const { operands, cohort, effort, command } = report;
  const products = `${count(operands.samples)} samples x ${count(operands.variants)} variants x ${count(operands.genes)} genes`;
  const made = `${count(cohort.samples)} samples x ${count(cohort.variants)} variants x ${count(cohort.genes)} genes, ${cohort.covariates} covariates`;
  return `## ${command}

${factLines(report)}

### Products, in memory
${products}; medians of ${effort.repeats} repeats, the order reversed every other time.

${productTable(report)}

${productNotes(report)}

### Whole commands
${made}, seed ${cohort.seed}; medians of ${effort.commands} repeats. Each is a process of its own: start, reading, mapping, Parquet, plots, report.

${commandTable(report)}${shortRuns(report)}
`;
}

function factLines({ machine, gpu, agreement, peaks, peakBytes }: BenchReport): string {
  const date = machine.date.slice(0, 16).replace("T", " ");
  const webgpu = machine.webgpu === null ? "no webgpu package" : `webgpu ${machine.webgpu}`;
  const threads = (n: number) => `${n} ${n === 1 ? "thread" : "threads"}`;
  const busy = machine.load > machine.threads / 2;
  const giga = (rate: number) => (rate / 1e9).toFixed(1);
  const facts: readonly (readonly [string, string])[] = [
    [
      "Date",
      `${date} UTC; load before ${machine.load.toFixed(2)}${busy ? " (others were at work: take times as upper bounds)" : ""}`,
    ],
    ["Versions", `Qortex ${machine.qortex}, Node ${machine.node}, V8 ${machine.v8}, ${webgpu}`],
    ["System", `${machine.system}, ${memorySize(machine.memory)}`],
    ["CPU", `${machine.cpu}, ${threads(machine.threads)}`],
    ["GPU", gpu.text],
    [
      "Agreement",
      `to the last bit with plain f64: ${count(agreement.hits)} hits of ${count(agreement.pairs)} pairs, ${count(agreement.correlations)} correlations; both commands write the same bytes with every backend`,
    ],
    ...peaks.map(
      (peak) =>
        [
          `Peak, ${threads(peak.threads)}`,
          `${giga(peak.int16)} G multiply-adds/s of int16, ${giga(peak.f64)} G of f64 (WebAssembly SIMD, data in L1)`,
        ] as const,
    ),
    ["Memory", `${memorySize(peakBytes)} held at most by this process; the whole commands' own is below`],
  ];
  return facts.map(([name, value]) => `- ${name}: ${value}`).join("\n");
}

function productTable(report: BenchReport): string {
  const { products, operands } = report;
  const rows = products.map((one) => {
    const { median, least, most } = spread(one.seconds);
    return [
      one.job,
      one.name,
      time(median),
      `${time(least)} to ${time(most)}`,
      millions(one.pairs / median),
      percent(shareOfPeak(report, one, operands.samples)),
      ratio(versusCpu(report, products, one)),
    ];
  });
  return markdownTable(
    ["job", "backend", "time", "range", "M pairs/s", "of peak", versusName(report)],
    rows,
    2,
  );
}

function commandTable(report: BenchReport): string {
  const rows = report.commands.map((one) => {
    const { median, least, most } = spread(one.seconds);
    return [
      one.job,
      one.name,
      time(median),
      `${time(least)} to ${time(most)}`,
      shortCount(one.tests),
      millions(one.tests / median),
      time(spread(one.cpuSeconds).median),
      memorySize(one.peakBytes),
      ratio(versusCpu(report, report.commands, one)),
    ];
  });
  const heads = ["command", "backend", "time", "range", "tests", "M tests/s", "CPU", "memory"];
  return markdownTable([...heads, versusName(report)], rows, 2);
}

function productNotes({ gpu, products }: BenchReport): string {
  const screens = products.filter(({ job }) => job === "screen");
  const whole = Math.max(...screens.map(({ pairs }) => pairs));
  const slow = screens.filter(({ pairs }) => pairs < whole);
  const notes = [
    "screen: all pairs of hard calls against p <= 1e-5; threshold, bound and selection included.",
    "refine: the f64 test of a pair that the screen left; every backend does it on one thread of the CPU.",
    `correlation: every gene with every gene, both orders, each r in f64${gpu.timed ? "; a GPU has no f64 and leaves it to wasm" : ""}.`,
    "of peak: a plain product's multiply-adds (one a sample and pair) over the CPU's peak of as many threads. Above 100%, the kernel needs fewer: the screen of calls adds up an allele's carriers and never multiplies.",
    `${slow.map(({ name }) => name).join(" and ")} did a corner of the products: compare pairs/s, not times.`,
  ];
  return notes.map((note) => `- ${note}`).join("\n");
}

/** A second of every run is the same whatever its size: said where it is much of the time. */
function shortRuns({ commands }: BenchReport): string {
  const longest = Math.max(...commands.map(({ seconds }) => spread(seconds).median));
  if (longest > 10) return "";
  return "\n\n- Start, reading and report are much of runs this short: with more --variants, tests/s comes nearer to that of large cohorts.";
}

/** The backend that others are compared with: the CPU with all threads. */
function cpuName({ compared }: BenchReport): string {
  return compared.filter(({ gpu }) => !gpu).at(-1)?.name ?? "";
}

function versusName(report: BenchReport): string {
  return `vs ${cpuName(report)}`;
}

/** How many times the CPU's speed; undefined where it has none for this job. */
function versusCpu<
  Entry extends { readonly job: string; readonly name: string; readonly seconds: readonly number[] },
>(
  report: BenchReport,
  entries: readonly Entry[],
  one: Entry & { readonly pairs?: number; readonly tests?: number },
): number | undefined {
  const cpu: typeof one | undefined = entries.find(
    ({ job, name }) => job === one.job && name === cpuName(report),
  );
  if (cpu === undefined) return undefined;
  const rate = ({ pairs, tests, seconds }: typeof one) => (pairs ?? tests ?? 0) / spread(seconds).median;
  return rate(one) / rate(cpu);
}

/** Of the CPU's peak with as many threads; undefined for a GPU and for what is no product. */
function shareOfPeak(
  { peaks, compared }: BenchReport,
  { job, name, pairs, seconds }: ProductTimes,
  samples: number,
): number | undefined {
  const backend = compared.find((one) => one.name === name);
  if (backend?.gpu === true || job === "refine") return undefined;
  const peak = peaks.find(({ threads }) => threads === (backend?.threads ?? 1));
  if (peak === undefined) return undefined;
  const rate = (pairs * samples) / spread(seconds).median;
  return rate / (job === "screen" ? peak.int16 : peak.f64);
}

/** The report as one JSON document. */
export function benchRecord(report: BenchReport): { readonly [key: string]: Json } {
  const { products, commands, machine, gpu, effort, agreement, operands, cohort, compared, peaks } = report;
  const timed = <Entry extends { readonly seconds: readonly number[] }>(one: Entry) => ({
    ...one,
    ...spread(one.seconds),
  });
  return {
    type: "bench",
    command: report.command,
    machine: { ...machine },
    gpu: { text: gpu.text, timed: gpu.timed, adapter: gpu.adapter === undefined ? null : { ...gpu.adapter } },
    effort: { ...effort },
    agreement: { ...agreement },
    peaks: peaks.map((peak) => ({ ...peak })),
    backends: compared.map((one) => ({ ...one })),
    operands: { ...operands },
    cohort: { ...cohort },
    products: products.map((one) => ({
      ...timed(one),
      shareOfPeak: shareOfPeak(report, one, operands.samples) ?? null,
      versusCpu: versusCpu(report, products, one) ?? null,
    })),
    commands: commands.map((one) => ({ ...timed(one), versusCpu: versusCpu(report, commands, one) ?? null })),
    peakBytes: report.peakBytes,
  };
}

/** `1.23 s`, `45.6 ms`: three figures. */
function time(seconds: number): string {
  return seconds >= 0.9995
    ? `${Number(seconds.toPrecision(3))} s`
    : `${Number((1000 * seconds).toPrecision(3))} ms`;
}

function millions(rate: number): string {
  return String(Number((rate / 1e6).toPrecision(3)));
}

function percent(share: number | undefined): string {
  return share === undefined ? "" : `${Math.round(100 * share)}%`;
}

function ratio(value: number | undefined): string {
  if (value === undefined) return "";
  return `${value >= 9.95 ? value.toFixed(0) : value >= 0.0995 ? value.toFixed(2) : Number(value.toPrecision(1))}x`;
}
