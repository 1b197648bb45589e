import type { CohortChoice, Job } from "../engine/protocol.ts";
import { checkedFilters, checkedJob, DEFAULT_FILTERS, defaultJob } from "./jobOptions.ts";
import { type Selection, VIEWS, type View } from "./state.ts";

/**
 * State without data: what an address holds. The same state always gives the same address, and `parseHash(hashOf(state))` is the state.
 * What comes from an address is anybody's: every part is checked, and what is not understood is left out.
 */
export interface PageState {
  readonly view: View;
  readonly selection: Selection;
  readonly settings: Readonly<Record<string, string>>;
  readonly job: Job;
  readonly filters: Omit<CohortChoice, "files">;
}

/** Longest id, and longest text of a setting, that an address may hold. */
const LONGEST = 200;
const MOST_SETTINGS = 60;
const SETTING = /^[a-z][A-Za-z]{0,19}\.[A-Za-z][A-Za-z0-9]{0,29}$/;

/** `#view=gene&gene=ENSG00000172404.4&variant=22_41256802`; what is as it is by itself is left out. */
export function hashOf({ view, selection, settings, job, filters }: PageState): string {
  const parts = new URLSearchParams();
  parts.set("view", view);
  const { gene, variant, module, zoom } = selection;
  if (gene !== undefined) parts.set("gene", gene);
  if (variant !== undefined) parts.set("variant", variant);
  if (module !== undefined) parts.set("module", String(module));
  if (zoom !== undefined) parts.set("zoom", `${zoom[0]}~${zoom[1]}`);
  for (const [name, value] of Object.entries(jobParts(job, filters))) parts.set(`run.${name}`, value);
  for (const name of Object.keys(settings).sort()) parts.set(name, settings[name] ?? "");
  return `#${parts}`;
}

/** What an address says, checked; undefined parts were not there or not understood. */
export function parseHash(hash: string): Partial<PageState> {
  const parts = new URLSearchParams(hash.replace(/^#/, "").slice(0, 20_000));
  const view = parts.get("view");
  const state: { -readonly [Name in keyof PageState]?: PageState[Name] } = {
    selection: selectionOf((name) => parts.get(name)),
    settings: checkedSettings([...parts]),
  };
  if (isView(view)) state.view = view;
  const run = Object.fromEntries(
    [...parts].filter(([name]) => name.startsWith("run.")).map(([name, value]) => [name.slice(4), value]),
  );
  if (Object.keys(run).length > 0) {
    state.job = checkedJob(run);
    state.filters = checkedFilters(run);
  }
  return state;
}

/** Of a job and the filters, what differs from the defaults. */
export function jobParts(job: Job, filters: Omit<CohortChoice, "files">): Record<string, string> {
  const usual: Readonly<Record<string, unknown>> = { ...defaultJob(job.kind), ...DEFAULT_FILTERS };
  const parts: Record<string, string> = {};
  if (job.kind !== "cis") parts["kind"] = job.kind;
  for (const [name, value] of Object.entries({ ...job, ...filters }))
    if (name !== "kind" && value !== undefined && value !== usual[name]) parts[name] = String(value);
  return parts;
}

export function isView(value: unknown): value is View {
  return (VIEWS as readonly unknown[]).includes(value);
}

export function selectionOf(get: (name: string) => string | null): Selection {
  const id = (name: string): string | undefined => {
    const value = get(name);
    return value !== null && value !== "" && value.length <= LONGEST ? value : undefined;
  };
  const module = /^\d{1,6}$/.exec(get("module") ?? "")?.[0];
  const zoom = (get("zoom") ?? "").split("~").map((text) => (text.trim() === "" ? Number.NaN : Number(text)));
  const [from, to] = zoom;
  const selection: { -readonly [Name in keyof Selection]: Selection[Name] } = {};
  const [gene, variant] = [id("gene"), id("variant")];
  if (gene !== undefined) selection.gene = gene;
  if (variant !== undefined) selection.variant = variant;
  if (module !== undefined) selection.module = Number(module);
  if (
    from !== undefined &&
    to !== undefined &&
    zoom.length === 2 &&
    Number.isFinite(from) &&
    Number.isFinite(to) &&
    from < to
  )
    selection.zoom = [from, to];
  return selection;
}

/** Settings by their form `view.name`; `run.` is the job's. */
export function checkedSettings(entries: readonly (readonly [string, unknown])[]): Record<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of entries) {
    if (found.size >= MOST_SETTINGS) break;
    if (typeof value !== "string" || value === "" || value.length > LONGEST) continue;
    if (SETTING.test(name) && !name.startsWith("run.")) found.set(name, value);
  }
  return Object.fromEntries(found);
}
