import { computed, signal } from "@preact/signals";
import type {
  CohortChoice,
  CohortView,
  GivenFile,
  Job,
  KeptRun,
  Machine,
  Progress,
  ResultView,
  Understanding,
  WorkPlan,
} from "../engine/protocol.ts";
import { DEFAULT_FILTERS, defaultJob } from "./jobOptions.ts";

/** Where in the page a person is; part of the permalink. */
export const VIEWS = [
  "start",
  "run",
  "overview",
  "genes",
  "gene",
  "trans",
  "network",
  "coloc",
  "browser",
  "report",
] as const;
export type View = (typeof VIEWS)[number];

/** What is selected: every view follows it and every view may set it. */
export interface Selection {
  /** `phenotype_id`. */
  readonly gene?: string | undefined;
  readonly variant?: string | undefined;
  readonly module?: number | undefined;
  /** Of the genome's axis, where the Manhattan plot is zoomed. */
  readonly zoom?: readonly [number, number] | undefined;
}

export const view = signal<View>("start");
export const selection = signal<Selection>({});
/** What a view remembers of itself (a sort, a filter, a switch), by `view.name`: in the permalink and in a saved view. See {@link setting}. */
export const settings = signal<Readonly<Record<string, string>>>({});
export const machine = signal<Machine | undefined>(undefined);
export const files = signal<readonly GivenFile[]>([]);
/** Of the files when they were last looked at; {@link ready} where these are the files that are there. */
export const understanding = signal<Understanding | undefined>(undefined);
/** The files that {@link understanding} speaks of. */
export const looked = signal<readonly GivenFile[]>([]);
/** How a cohort is opened. */
export const filters = signal<Omit<CohortChoice, "files">>(DEFAULT_FILTERS);
/** The cohort that the engine holds for runs to come, and what it was opened of; kept runs and results have theirs beside it. */
export const opened = signal<Opened | undefined>(undefined);
export const job = signal<Job>(defaultJob("cis"));
export const plan = signal<WorkPlan | undefined>(undefined);
export const progress = signal<Progress | undefined>(undefined);
export const running = signal(false);
export const result = signal<ResultView | undefined>(undefined);
export const kept = signal<readonly KeptRun[]>([]);
/** What went wrong last, in one line, until it is put away. */
export const problem = signal<string | undefined>(undefined);
export const theme = signal<"system" | "light" | "dark">("system");

export interface Opened {
  readonly files: readonly GivenFile[];
  readonly filters: Omit<CohortChoice, "files">;
  readonly view: CohortView;
}

/** Whether a cohort can be opened of the files that are there. */
export const ready = computed(() => looked.value === files.value && understanding.value?.ready === true);

/** The open cohort where it is that of the files and the filters that are shown: what is mapped, then, is what is spoken of. */
export const cohort = computed<CohortView | undefined>(() => {
  const open = opened.value;
  if (open === undefined || open.files !== files.value) return undefined;
  const { maf, transform } = filters.value;
  return open.filters.maf === maf && open.filters.transform === transform ? open.view : undefined;
});

/** `genotypes × expression.bed.gz`, of the files that are shown: what a run of them is called. */
export const cohortName = computed(() => {
  const { genotypes = "genotypes", expression = "expression" } = understanding.value?.named ?? {};
  return `${genotypes.replace(/\.bed$/, "")} × ${expression}`;
});

const doing = signal<readonly string[]>([]);

/** What the page waits for, for people: `Reading the cohort`. */
export const busy = computed(() => doing.value.at(-1));

/** Says so while it lasts; of several things, the one begun last. */
export async function whileBusy<T>(what: string, act: () => Promise<T>): Promise<T> {
  doing.value = [...doing.peek(), what];
  try {
    return await act();
  } finally {
    const left = [...doing.peek()];
    left.splice(left.indexOf(what), 1);
    doing.value = left;
  }
}

export function select(change: Selection): void {
  selection.value = { ...selection.value, ...change };
}

/** Reads what a view remembers under `name` (`genes.sort`); a component that reads it is drawn again when it changes. */
export function setting(name: string, otherwise = ""): string {
  return settings.value[name] ?? otherwise;
}

/** Remembers `value` under `name`; an empty one is forgotten. Short texts only: they end up in the address. */
export function setSetting(name: string, value: string): void {
  const { [name]: _, ...others } = settings.value;
  settings.value = value === "" ? others : { ...others, [name]: value };
}
