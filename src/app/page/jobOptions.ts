import { count, counted } from "../../report/numbers.ts";
import type { CisJob, CohortChoice, Job, NetworkJob, TransJob } from "../engine/protocol.ts";

/** The options of a job that the page offers: the command line's names and defaults, and what is allowed. */

const COMMON = { backend: "auto", seed: 1 } as const;

export const DEFAULT_FILTERS = { maf: 0.01, transform: "none" } as const satisfies Omit<
  CohortChoice,
  "files"
>;

const DEFAULTS = {
  cis: { ...COMMON, kind: "cis", window: 1_000_000, permutations: 0 } satisfies CisJob,
  trans: { ...COMMON, kind: "trans", pValue: 1e-5, distance: 5_000_000 } satisfies TransJob,
  network: { ...COMMON, kind: "network", type: "unsigned", minModuleSize: 20 } satisfies NetworkJob,
} as const;

export function defaultJob(kind: Job["kind"]): Job {
  return DEFAULTS[kind];
}

export interface NumberOption {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
  /** What is allowed, as the form says it. */
  readonly allowed: string;
}

const BASES = {
  least: 0,
  most: 2_147_483_647,
  whole: true,
  allowed: "whole bases from 0 to 2,147,483,647, such as 500kb or 1Mb",
} as const;

/** Bounds of the command line's options. */
export const NUMBERS = {
  maf: { least: 0, most: 0.5, whole: false, allowed: "a number from 0 to 0.5" },
  window: BASES,
  permutations: {
    ...{ least: 0, most: 100_000, whole: true },
    allowed: "0 for none, or a whole number from 10 to 100,000",
  },
  seed: {
    ...{ least: 0, most: 4_294_967_295, whole: true },
    allowed: "a whole number from 0 to 4,294,967,295",
  },
  pValue: {
    ...{ least: Number.MIN_VALUE, most: 1, whole: false },
    allowed: "a number above 0 and at most 1, such as 1e-5",
  },
  distance: BASES,
  power: { least: 1, most: 100, whole: false, allowed: "a number from 1 to 100, or nothing" },
  minModuleSize: { least: 2, most: 1_000_000, whole: true, allowed: "a whole number from 2 to 1,000,000" },
  threads: { least: 0, most: 256, whole: true, allowed: "a whole number from 0 to 256" },
} as const satisfies Readonly<Record<string, NumberOption>>;

/** Fewer permutations than this fit no beta distribution; the command line refuses them. */
const FEWEST_PERMUTATIONS = 10;

export type NumberName = keyof typeof NUMBERS;

/** What is allowed, where `value` is not; undefined where it is. */
export function numberProblem(name: NumberName, value: number): string | undefined {
  const { least, most, whole, allowed } = NUMBERS[name];
  const few = name === "permutations" && value > 0 && value < FEWEST_PERMUTATIONS;
  return value >= least && value <= most && (!whole || Number.isInteger(value)) && !few ? undefined : allowed;
}

const DISTANCES: readonly NumberName[] = ["window", "distance"];
const UNITS: Readonly<Record<string, number>> = { bp: 1, kb: 1e3, mb: 1e6 };

/**
 * A number as people write it; distances in the command line's way: `1000000`, `1e6`, `500kb`, `1 Mb`. Commas part thousands and nothing else:
 * `0,05` is NaN, as all that is no number.
 */
export function parsedNumber(name: NumberName, text: string): number {
  const plain = text.trim();
  const whole = /^\d{1,3}(,\d{3})+(?![\d,])/.test(plain) ? plain.replaceAll(",", "") : plain;
  const [, digits = "", unit = ""] = /^((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(bp|kb|mb)?$/i.exec(whole) ?? [];
  if (digits === "" || (unit !== "" && !DISTANCES.includes(name))) return Number.NaN;
  // 0.29 * 1e6 is 290000 but for an ulp: bases are whole.
  const value = Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
  return unit === "" ? value : Number(value.toFixed(3));
}

/** The same number back: round distances in kb or Mb. */
export function numberText(name: NumberName, value: number): string {
  if (DISTANCES.includes(name) && value > 0) {
    if (value >= 1e6 && value % 100_000 === 0) return `${value / 1e6}Mb`;
    if (value % 100 === 0) return `${value / 1e3}kb`;
  }
  return String(value);
}

const KIND_NAMES = { cis: "cis map", trans: "trans map", network: "network" } as const;

/** A job in a line, with what differs from the defaults: `cis map, window 500kb, 1,000 permutations, MAF 0.05`. */
export function jobText(job: Job, { maf, transform }: Omit<CohortChoice, "files">): string {
  const usual = defaultJob(job.kind);
  const said: (string | false)[] = [KIND_NAMES[job.kind]];
  if (job.kind === "cis" && usual.kind === "cis") {
    said.push(
      job.window !== usual.window && `window ${numberText("window", job.window)}`,
      job.permutations > 0 && counted(job.permutations, "permutation"),
    );
  } else if (job.kind === "trans" && usual.kind === "trans") {
    said.push(
      job.pValue !== usual.pValue && `p ≤ ${job.pValue}`,
      job.distance !== usual.distance && `distance ${numberText("distance", job.distance)}`,
    );
  } else if (job.kind === "network" && usual.kind === "network") {
    said.push(
      job.type !== usual.type && job.type,
      job.power !== undefined && `power ${job.power}`,
      job.minModuleSize !== usual.minModuleSize && `modules of ${count(job.minModuleSize)} and more`,
    );
  }
  said.push(
    job.kind !== "network" && maf !== DEFAULT_FILTERS.maf && `MAF ${maf}`,
    transform !== DEFAULT_FILTERS.transform && transform,
    job.seed !== usual.seed && `seed ${job.seed}`,
  );
  return said.filter((part) => part !== false).join(", ");
}

export const BACKENDS = ["auto", "webgpu", "webgl", "wasm", "reference"] as const;
export const NETWORK_TYPES = ["unsigned", "signed", "signed-hybrid"] as const;
export const TRANSFORMS = ["none", "inverse-normal"] as const;

/** A job of loose values (an address, a saved view): what is missing or wrong is as by default. */
export function checkedJob(given: Readonly<Record<string, unknown>>): Job {
  const number = (name: NumberName, otherwise: number): number => numberIn(given, name) ?? otherwise;
  const kind = given["kind"] === "trans" || given["kind"] === "network" ? given["kind"] : "cis";
  const threads = numberIn(given, "threads");
  const common = {
    backend: oneOf(BACKENDS, given["backend"]) ?? "auto",
    seed: number("seed", COMMON.seed),
    ...(threads === undefined ? {} : { threads }),
  };
  if (kind === "cis") {
    const { window, permutations } = DEFAULTS.cis;
    return {
      ...common,
      kind,
      window: number("window", window),
      permutations: number("permutations", permutations),
    };
  }
  if (kind === "trans") {
    const { pValue, distance } = DEFAULTS.trans;
    return { ...common, kind, pValue: number("pValue", pValue), distance: number("distance", distance) };
  }
  const power = numberIn(given, "power");
  return {
    ...common,
    kind,
    type: oneOf(NETWORK_TYPES, given["type"]) ?? DEFAULTS.network.type,
    minModuleSize: number("minModuleSize", DEFAULTS.network.minModuleSize),
    ...(power === undefined ? {} : { power }),
  };
}

export function checkedFilters(given: Readonly<Record<string, unknown>>): Omit<CohortChoice, "files"> {
  return {
    maf: numberIn(given, "maf") ?? DEFAULT_FILTERS.maf,
    transform: oneOf(TRANSFORMS, given["transform"]) ?? DEFAULT_FILTERS.transform,
  };
}

function numberIn(given: Readonly<Record<string, unknown>>, name: NumberName): number | undefined {
  const value = Object.hasOwn(given, name) ? given[name] : undefined;
  const number =
    typeof value === "number"
      ? value
      : typeof value === "string" && value.trim() !== ""
        ? Number(value)
        : Number.NaN;
  return numberProblem(name, number) === undefined ? number : undefined;
}

function oneOf<T extends string>(list: readonly T[], value: unknown): T | undefined {
  return list.find((each) => each === value);
}
