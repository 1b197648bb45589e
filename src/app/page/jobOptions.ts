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
}

/** Bounds of the command line's options. */
export const NUMBERS = {
  maf: { least: 0, most: 0.5, whole: false },
  window: { least: 0, most: 1_000_000_000, whole: true },
  permutations: { least: 0, most: 100_000, whole: true },
  seed: { least: 0, most: 4_294_967_295, whole: true },
  pValue: { least: 1e-300, most: 1, whole: false },
  distance: { least: 0, most: 1_000_000_000, whole: true },
  power: { least: 1, most: 100, whole: false },
  minModuleSize: { least: 2, most: 100_000, whole: true },
  threads: { least: 0, most: 256, whole: true },
} as const satisfies Readonly<Record<string, NumberOption>>;

export type NumberName = keyof typeof NUMBERS;

/** What is wrong with a number, in words; undefined when it is right. */
export function numberProblem(name: NumberName, value: number): string | undefined {
  const { least, most, whole } = NUMBERS[name];
  if (Number.isNaN(value)) return "a number is wanted";
  if (value < least || value > most) return `from ${least} to ${most}`;
  return whole && !Number.isInteger(value) ? "a whole number is wanted" : undefined;
}

const DISTANCES: readonly NumberName[] = ["window", "distance"];
const UNITS: Readonly<Record<string, number>> = { bp: 1, kb: 1e3, mb: 1e6 };

/** A number as people write it; distances in the command line's way: `1000000`, `1e6`, `500kb`, `1 Mb`. NaN where it is none. */
export function parsedNumber(name: NumberName, text: string): number {
  const [, digits = "", unit = ""] =
    /^((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(bp|kb|mb)?$/i.exec(text.replaceAll(",", "").trim()) ?? [];
  if (digits === "" || (unit !== "" && !DISTANCES.includes(name))) return Number.NaN;
  // 0.29 * 1e6 is 290000 but for an ulp: bases are whole.
  const value = Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
  return unit === "" ? value : Number(value.toFixed(3));
}

/** The same number back: round distances in kb or Mb. */
export function numberText(name: NumberName, value: number): string {
  if (DISTANCES.includes(name) && value > 0) {
    if (value % 100_000 === 0) return `${value / 1e6}Mb`;
    if (value % 100 === 0) return `${value / 1e3}kb`;
  }
  return String(value);
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
