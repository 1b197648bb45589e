/** What a page of the tests can be asked, by name, from Node: see ../pages.ts. */
import type { MapKind } from "../../../src/association/output.ts";
import type { WebGpuBackend } from "../../../src/compute/webgpu/backend.ts";
import { type CohortFiles, createBackend, type OpenOptions, openCohort } from "../../../src/index.ts";
import { type Form, type HostileMaps, hostileMaps } from "../../helpers/hostile.ts";
import { type MapFiles, mapFiles, type TransWishes } from "../../helpers/mapFiles.ts";
import { CASES, products } from "../../unit/compute/cases.ts";
import { allOf } from "../../unit/compute/check.ts";

/** A backend as a page makes it. */
export interface Wanted {
  readonly backend: "webgpu" | "webgl" | "wasm";
  readonly threads?: number;
}

/** What the server calls the files of a cohort, by the roles that `openCohort` knows. */
export interface Names {
  readonly genotypes: Readonly<Record<string, string>>;
  readonly others: Readonly<Record<string, string>>;
}

export interface Answers {
  /** Name and description of the backend, and what the page offers. */
  describe(wanted: Wanted): Promise<{ name: string; description: string; isolated: boolean }>;
  /** What is wrong in a case of the conformance suite. */
  conformance(wanted: Wanted, name: string): Promise<string[]>;
  /** The files of a map of a cohort whose files, by their names, the page's server has. */
  map(
    wanted: Wanted,
    kind: MapKind,
    names: Names,
    options: OpenOptions,
    trans?: TransWishes,
  ): Promise<MapFiles>;
  /** The hostile cohorts' maps, and how many pipelines the page's backend has compiled (a GPU's). */
  hostile(
    wanted: Wanted,
    form: Form,
    thresholds: readonly number[],
  ): Promise<HostileMaps & { readonly pipelines: number | undefined }>;
  /** Who does a product after the page's WebGL context is lost, what is said of it, and who does it for a new backend. */
  loseWebGl(): Promise<{ by: readonly (string | undefined)[]; warnings: readonly string[] }>;
}

/** What a user picked: files, by their role. */
async function blobs(names: Readonly<Record<string, string>>): Promise<Record<string, File>> {
  const files = Object.entries(names).map(async ([role, name]) => {
    const response = await fetch(name);
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return [role, new File([await response.blob()], name)] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

const made = new Map<string, ReturnType<typeof createBackend>>();

/** One backend of a kind: a page has few contexts of WebGL. */
function backendOf(wanted: Wanted): ReturnType<typeof createBackend> {
  const key = JSON.stringify(wanted);
  const known = made.get(key);
  if (known !== undefined) return known;
  const { backend, threads } = wanted;
  const fresh = createBackend(backend, threads === undefined ? {} : { threads });
  made.set(key, fresh);
  return fresh;
}

/** Every WebGL context that is made, so that one can be lost. */
const contexts: WebGL2RenderingContext[] = [];
for (const { prototype } of [HTMLCanvasElement, OffscreenCanvas]) {
  const getContext = Reflect.get(prototype, "getContext") as unknown as (...given: unknown[]) => unknown;
  Reflect.set(prototype, "getContext", function (this: unknown, ...given: unknown[]) {
    const context = getContext.apply(this, given);
    if (context instanceof WebGL2RenderingContext) contexts.push(context);
    return context;
  });
}

async function candidatesBy(backend: Awaited<ReturnType<typeof createBackend>>): Promise<string | undefined> {
  return (await allOf(backend, products()[0]!.product)).candidates.by;
}

const answers: Answers = {
  async describe(wanted) {
    const { name, description } = await backendOf(wanted);
    return { name, description, isolated: crossOriginIsolated };
  },
  async conformance(wanted, name) {
    const found = CASES.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no case is called ${name}`);
    return found.check(await backendOf(wanted));
  },
  async map(wanted, kind, { genotypes, others }, options, trans) {
    const files = { ...(await blobs(others)), genotypes: await blobs(genotypes) };
    const cohort = await openCohort(files as unknown as CohortFiles, options);
    try {
      return await mapFiles(kind, cohort, await backendOf(wanted), trans);
    } finally {
      await cohort.tables.genotypes.close?.();
    }
  },
  async hostile(wanted, form, thresholds) {
    const backend = await backendOf(wanted);
    const maps = await hostileMaps(backend, form, thresholds);
    return { ...maps, pipelines: (backend as Partial<WebGpuBackend>).activity?.pipelines };
  },
  async loseWebGl() {
    const warnings: string[] = [];
    const make = () => createBackend("webgl", { threads: 0, onWarning: (text) => warnings.push(text) });
    const first = await make();
    const by = [await candidatesBy(first)];
    for (const context of contexts) context.getExtension("WEBGL_lose_context")?.loseContext();
    by.push(await candidatesBy(first));
    by.push(await candidatesBy(await make()));
    return { by, warnings };
  },
};

Object.assign(globalThis, { answers });
