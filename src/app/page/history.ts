import { batch, effect } from "@preact/signals";
import { hashOf, type PageState, parseHash } from "./permalink.ts";
import { filters, job, type Selection, selection, settings, type View, view } from "./state.ts";

/** The address and the state keep step: a new view or another gene is a step that "back" takes back, a zoom or a sort is not. */

export function pageState(): PageState {
  return {
    view: view.value,
    selection: selection.value,
    settings: settings.value,
    job: job.value,
    filters: filters.value,
  };
}

/** The address of a view with what is selected now, and `change`: for links, so that they open in another tab too. */
export function hrefOf(to: View, change: Selection = {}): string {
  return hashOf({ ...pageState(), view: to, selection: { ...selection.value, ...change } });
}

/** Puts the state of an address, or of a saved view, in place. */
export function applyState(state: Partial<PageState>): void {
  batch(() => {
    view.value = state.view ?? "start";
    selection.value = state.selection ?? {};
    settings.value = state.settings ?? {};
    if (state.job !== undefined) job.value = state.job;
    if (state.filters !== undefined) filters.value = state.filters;
  });
}

export function watchHistory(): void {
  if (location.hash.length > 1) applyState(parseHash(location.hash));
  let step = stepOf(pageState());
  let heeding = false;
  effect(() => {
    const state = pageState();
    const hash = hashOf(state);
    if (heeding || hash === location.hash) {
      step = stepOf(state);
      return;
    }
    const next = stepOf(state);
    // A browser refuses hundreds of changes within seconds; the state is right all the same.
    try {
      if (next === step) history.replaceState(null, "", hash);
      else history.pushState(null, "", hash);
    } catch {}
    step = next;
  });
  // Back, forward, a link, or an address typed in.
  addEventListener("popstate", () => {
    heeding = true;
    applyState(parseHash(location.hash));
    heeding = false;
  });
}

function stepOf({ view: shown, selection: { gene, variant, module } }: PageState): string {
  return JSON.stringify([shown, gene, variant, module]);
}
