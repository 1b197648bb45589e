import { computed, signal } from "@preact/signals";
import type {
  CohortView,
  KeptRun,
  Machine,
  Progress,
  ResultView,
  Understanding,
  WorkPlan,
} from "../engine/protocol.ts";

/** Where in the page a person is; part of the permalink. */
export type View =
  | "start"
  | "run"
  | "overview"
  | "genes"
  | "gene"
  | "trans"
  | "network"
  | "coloc"
  | "browser"
  | "report";

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
export const machine = signal<Machine | undefined>(undefined);
export const understanding = signal<Understanding | undefined>(undefined);
export const cohort = signal<CohortView | undefined>(undefined);
export const plan = signal<WorkPlan | undefined>(undefined);
export const progress = signal<Progress | undefined>(undefined);
export const result = signal<ResultView | undefined>(undefined);
export const kept = signal<readonly KeptRun[]>([]);
/** What went wrong last, in one line, until it is put away. */
export const problem = signal<string | undefined>(undefined);
export const theme = signal<"system" | "light" | "dark">("system");

export const hasResult = computed(() => result.value !== undefined);

export function select(change: Selection): void {
  selection.value = { ...selection.value, ...change };
}
