import { describe, expect, it } from "vitest";
import type { Job } from "../../../../src/app/engine/protocol.ts";
import {
  BACKENDS,
  DEFAULT_FILTERS,
  defaultJob,
  NETWORK_TYPES,
  NUMBERS,
  type NumberName,
  numberProblem,
  TRANSFORMS,
} from "../../../../src/app/page/jobOptions.ts";
import { hashOf, type PageState, parseHash } from "../../../../src/app/page/permalink.ts";
import { VIEWS } from "../../../../src/app/page/state.ts";
import { integer, random } from "../../../helpers/formats.ts";

type Next = () => number;

function pick<T>(next: Next, list: readonly T[]): T {
  return list[integer(next, 0, list.length - 1)]!;
}

function maybe<T>(next: Next, make: () => T): T | undefined {
  return next() < 0.5 ? make() : undefined;
}

const LETTERS = [..."abcXYZ019_.:-;&=#%+~/?\\ '\"<>éß漢\u{1f9ec}\u0000\n"];

function text(next: Next, most = 40): string {
  return Array.from({ length: integer(next, 1, most) }, () => pick(next, LETTERS)).join("");
}

function number(next: Next, name: NumberName): number {
  const { least, most, whole } = NUMBERS[name];
  const edge = next();
  if (edge < 0.1) return least;
  if (edge < 0.2) return most;
  const value = least + next() ** 8 * (most - least);
  const found = whole ? Math.round(value) : value;
  return numberProblem(name, found) === undefined ? found : number(next, name);
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

function randomJob(next: Next): Job {
  const common = {
    backend: pick(next, BACKENDS),
    seed: number(next, "seed"),
    threads: maybe(next, () => number(next, "threads")),
  };
  const jobs: readonly Job[] = [
    { ...common, kind: "cis", window: number(next, "window"), permutations: number(next, "permutations") },
    { ...common, kind: "trans", pValue: number(next, "pValue"), distance: number(next, "distance") },
    {
      ...common,
      kind: "network",
      type: pick(next, NETWORK_TYPES),
      power: maybe(next, () => number(next, "power")),
      minModuleSize: number(next, "minModuleSize"),
    },
    defaultJob("cis"),
  ];
  return defined(pick(next, jobs));
}

function randomState(next: Next): PageState {
  const from = (next() - 0.5) * 1e9;
  const names = Array.from(
    { length: integer(next, 0, 5) },
    () => `${pick(next, VIEWS)}.${pick(next, ["sort", "q2", "showAll"])}`,
  );
  return {
    view: pick(next, VIEWS),
    selection: defined({
      gene: maybe(next, () => text(next)),
      variant: maybe(next, () => text(next)),
      module: maybe(next, () => integer(next, 0, 999_999)),
      zoom: maybe(next, () => [from, from + 1e-3 + next() * 1e9] as const),
    }),
    // `run.` is the job's own.
    settings: Object.fromEntries(
      names.filter((name) => !name.startsWith("run.")).map((name) => [name, text(next)]),
    ),
    job: randomJob(next),
    filters: { maf: number(next, "maf"), transform: pick(next, TRANSFORMS) },
  };
}

/** What is not in an address is as it is by itself. */
function whole(parsed: Partial<PageState>): PageState {
  return {
    view: parsed.view ?? "start",
    selection: parsed.selection ?? {},
    settings: parsed.settings ?? {},
    job: parsed.job ?? defaultJob("cis"),
    filters: parsed.filters ?? DEFAULT_FILTERS,
  };
}

describe("a permalink", () => {
  it("gives the state back, whatever ids and settings hold", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const state = randomState(random(seed));
      const hash = hashOf(state);
      expect(whole(parseHash(hash)), `seed ${seed}: ${hash}`).toEqual(state);
      expect(hash, `seed ${seed}`).toMatch(/^#[\x21-\x7e]*$/);
    }
  });

  it("is short where all is as by default", () => {
    expect(hashOf(whole({}))).toBe("#view=start");
    const gene = { gene: "ENSG00000172404.4", variant: "22_41256802" };
    expect(hashOf(whole({ view: "gene", selection: gene }))).toBe(
      "#view=gene&gene=ENSG00000172404.4&variant=22_41256802",
    );
    const job: Job = { kind: "cis", window: 500_000, permutations: 1000, backend: "auto", seed: 1 };
    expect(hashOf(whole({ job }))).toBe("#view=start&run.window=500000&run.permutations=1000");
  });
});

const HOSTILE: readonly string[] = [
  "",
  "#",
  "##view=gene",
  "#view=__proto__",
  "#view=constructor&gene=",
  "#__proto__=1&__proto__.polluted=1&constructor.prototype=1&run.__proto__=1",
  "#run.kind=cis&run.constructor=1&run.toString=2&run.window=Infinity&run.permutations=-1",
  "#run.window=1e400&run.seed=0x10&run.maf=0.6&run.transform=rank&run.backend=cuda",
  "#run.kind=network&run.power=NaN&run.type=hybrid&run.minModuleSize=2.5",
  "#zoom=5~1",
  "#zoom=~",
  "#zoom=1~2~3",
  "#zoom=-Infinity~Infinity",
  "#module=-1",
  "#module=1e9",
  "#view=genes&view=trans",
  "#%E0%A4%A&gene=%ff%00",
  "#gene=<script>alert(1)</script>&variant=javascript:alert(1)",
  `#gene=${"A".repeat(5000)}`,
  `#${"genes.sort=x&".repeat(5000)}`,
  `#${Array.from({ length: 500 }, (_, i) => `genes.s${i}=v`).join("&")}`,
  "#genes.sort.more=1&.x=1&x.=1&Genes.sort=1&run.view=1",
];

function randomHash(next: Next): string {
  const names = [
    "view",
    "gene",
    "zoom",
    "module",
    "run.kind",
    "run.window",
    "run.maf",
    "__proto__",
    "genes.sort",
    "a.b",
  ];
  const values = [
    "",
    "cis",
    "gene",
    "-1",
    "1e309",
    "0x1",
    "NaN",
    "null",
    "{}",
    "1~2",
    "%",
    "__proto__",
    "😀",
  ];
  const part = () =>
    `${next() < 0.8 ? pick(next, names) : text(next)}${pick(next, ["=", "==", ""])}${next() < 0.5 ? pick(next, values) : text(next)}`;
  return `#${Array.from({ length: integer(next, 0, 12) }, part).join("&")}`;
}

describe("an address from anybody", () => {
  const hashes = [...HOSTILE, ...Array.from({ length: 500 }, (_, seed) => randomHash(random(seed)))];

  it("ends in a state that the page could have made itself", () => {
    for (const hash of hashes) {
      const state = whole(parseHash(hash));
      // What the page makes of it is the same again: nothing unchecked got through.
      expect(whole(parseHash(hashOf(state))), hash).toEqual(state);
      expect(VIEWS, hash).toContain(state.view);
      const { gene = "", variant = "", zoom = [0, 1] } = state.selection;
      expect(gene.length <= 200 && variant.length <= 200 && zoom[0] < zoom[1], hash).toBe(true);
      expect(Object.keys(state.settings).length, hash).toBeLessThanOrEqual(60);
      for (const [name, value] of Object.entries({ ...state.job, ...state.filters })) {
        const bounds = Object.hasOwn(NUMBERS, name) ? NUMBERS[name as NumberName] : undefined;
        if (bounds !== undefined && value !== undefined)
          expect(
            Number(value) >= bounds.least && Number(value) <= bounds.most,
            `${hash}: ${name} ${value}`,
          ).toBe(true);
      }
    }
  });

  it("reaches no prototype", () => {
    for (const hash of hashes) parseHash(hash);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.getPrototypeOf(parseHash(HOSTILE[5]!).settings)).toBe(Object.prototype);
  });
});
