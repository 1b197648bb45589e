import { batch, computed } from "@preact/signals";
import {
  kept,
  ready,
  result,
  running,
  type Selection,
  selection,
  understanding,
  type View,
  view,
} from "./state.ts";

/** The views in the order of the navigation, with what each needs to have something to show. */
export interface Place {
  readonly view: View;
  readonly title: string;
  /** One line for the tooltip and the sheet of keys. */
  readonly about: string;
  readonly shown: boolean;
}

export const places = computed<readonly Place[]>(() => {
  const kind = result.value?.kind;
  const map = kind === "cis" || kind === "trans";
  // One that was given after the result was opened is not shown with it: the view says what to do.
  const given = understanding.value?.files.some(({ role }) => role === "gwas") ?? false;
  const gwas = given || (result.value?.gwas.length ?? 0) > 0;
  const all: readonly Place[] = [
    { view: "start", title: "Files", about: "What is loaded, and what is kept in this browser", shown: true },
    {
      view: "run",
      title: "Run",
      about: "Choose, plan and run a job",
      shown: ready.value || running.value || kept.value.length > 0,
    },
    {
      view: "overview",
      title: "Overview",
      about: "Manhattan and QQ plot, and what was found",
      shown: kind !== undefined,
    },
    { view: "genes", title: "Genes", about: "The table of genes", shown: map },
    { view: "gene", title: "Gene", about: "One gene: region, expression by genotype, signals", shown: map },
    { view: "trans", title: "Trans", about: "Variant by gene position", shown: kind === "trans" },
    { view: "network", title: "Network", about: "Modules, hubs and neighbours", shown: kind === "network" },
    {
      view: "coloc",
      title: "Colocalisation",
      about: "The map beside the GWAS",
      shown: kind === "cis" && gwas,
    },
    { view: "browser", title: "Genome browser", about: "igv.js with the result as a track", shown: map },
    {
      view: "report",
      title: "Report",
      about: "The report, as the command line writes it",
      shown: kind !== undefined,
    },
  ];
  return all.filter(({ shown }) => shown);
});

/** The view to show: the one asked for, else (nothing to show there) the first that has something. */
export const shownView = computed<View>(() =>
  places.value.some((place) => place.view === view.value) ? view.value : "start",
);

/** Goes to a view, and selects on the way: `go("gene", { gene, variant })`. */
export function go(to: View, change?: Selection): void {
  batch(() => {
    if (change !== undefined) selection.value = { ...selection.value, ...change };
    view.value = to;
  });
}
