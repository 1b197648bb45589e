/** What `qortex view` serves beside the page: a result, and the files it was made of where they are still there. */
export interface Viewed {
  readonly title: string;
  /** The tables, pictures and the manifest of the result; addresses are relative to the page's. */
  readonly result: readonly { readonly name: string; readonly url: string }[];
  /** `role` as the manifest has it: `genotypes`, `expression`, `covariates`, ... */
  readonly inputs: readonly {
    readonly role: string;
    readonly name: string;
    readonly url: string;
    readonly bytes: number;
  }[];
}

/** Undefined where the page comes from any other server: nothing is to be opened by itself then. */
export async function viewed(): Promise<Viewed | undefined> {
  try {
    const response = await fetch(new URL("view.json", document.baseURI));
    if (!response.ok) return undefined;
    const view: unknown = await response.json();
    return isViewed(view) ? view : undefined;
  } catch {
    return undefined;
  }
}

function isViewed(view: unknown): view is Viewed {
  if (typeof view !== "object" || view === null) return false;
  const { title, result, inputs } = view as Partial<Record<keyof Viewed, unknown>>;
  return typeof title === "string" && Array.isArray(result) && Array.isArray(inputs);
}
