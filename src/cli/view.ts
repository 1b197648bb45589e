import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError, UsageError } from "../errors.ts";
import { type Manifest, readManifest } from "../node/manifest.ts";
import { type Found, filesOf, servePage } from "../node/pageServer.ts";
import { count, counted } from "../report/numbers.ts";
import { readReport } from "./keptPage.ts";
import type { Invocation } from "./shell.ts";

export interface ViewOptions {
  readonly port: number;
  /** `false` with `--no-inputs`. */
  readonly inputs: boolean;
}

/** What the page asks its server for when it opens: `view.json`. */
interface View {
  readonly title: string;
  readonly result: readonly { readonly name: string; readonly url: string }[];
  readonly inputs: readonly {
    readonly role: string;
    readonly name: string;
    readonly url: string;
    readonly bytes: number;
  }[];
}

/** `qortex view`: serves the page and the result until it is stopped. */
export async function runView(path: string, options: ViewOptions, shell: Invocation): Promise<void> {
  const manifest = await readManifest(path);
  if (manifest === undefined)
    throw new InputError(path, "holds no finished result", "give the folder that a command wrote");
  const page = pageFolder();
  const { view, files, missing } = await viewOf(path, manifest, options.inputs);
  const pageFile = filesOf(page);
  const find = (name: string): Found | undefined => {
    if (name === "view.json") return { text: JSON.stringify(view), type: "application/json" };
    const file = files.get(name);
    if (file !== undefined) return { file };
    // What the result and the inputs are is listed: nothing else is looked for below their addresses.
    return /^(result|inputs)(\/|$)/.test(name) ? undefined : pageFile(name);
  };
  const server = await servePage({
    find,
    port: options.port,
    // Others on this machine reach the port too; the address they cannot guess.
    path: `/${randomBytes(16).toString("hex")}/`,
    policy: policyOf(join(page, "index.html")),
  });
  const lines = [
    `${view.title}: ${server.address}`,
    `${counted(view.result.length, "file")} of ${path}${options.inputs ? `, ${count(view.inputs.length)} of its ${counted(manifest.inputs.length, "input")}` : ", no inputs"}; for this machine alone, at this address alone. Ctrl-C ends it.`,
    ...(missing.length > 0
      ? [
          `Not there any more, or of another size: ${missing.join(", ")}. Without them some plots cannot be drawn.`,
        ]
      : []),
  ];
  shell.out.write(`${lines.join("\n")}\n`);
  try {
    await stopped(shell.signal);
  } finally {
    await server.close();
  }
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
}

/** Beside the program once built, whether it runs from there or from its sources. */
function pageFolder(): string {
  const places = ["../page/", "../../dist/page/"].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  const found = places.find((place) => existsSync(join(place, "index.html")));
  if (found === undefined)
    throw new UsageError("the page is not built: run 'npm run build:app' in the program's folder");
  return found;
}

/** The page's own policy, and that no other page may frame it. */
function policyOf(index: string): string {
  const text = readFileSync(index, "utf8");
  const own =
    /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? "default-src 'self'";
  return `${own}; frame-ancestors 'none'`;
}

/** What is served: the view, and each file by its address. */
async function viewOf(path: string, manifest: Manifest, withInputs: boolean) {
  const files = new Map<string, string>();
  const result: View["result"][number][] = [];
  for (const name of [...manifest.files.map((file) => file.name), "manifest.json"]) {
    const file = join(path, name);
    // A manifest names files of its own folder.
    if (basename(name) !== name || (await sizeOf(file)) === undefined) continue;
    files.set(`result/${name}`, file);
    result.push({ name, url: `result/${encodeURIComponent(name)}` });
  }
  const inputs: View["inputs"][number][] = [];
  const missing: string[] = [];
  for (const [i, { role, path: input, bytes }] of (withInputs ? manifest.inputs : []).entries()) {
    if ((await sizeOf(input)) !== bytes) {
      missing.push(input);
      continue;
    }
    const name = basename(input);
    files.set(`inputs/${i}/${name}`, input);
    inputs.push({ role, name, url: `inputs/${i}/${encodeURIComponent(name)}`, bytes });
  }
  const title = (await readReport(path))?.title ?? `qortex ${manifest.command[1] ?? "result"}`;
  const view: View = { title, result, inputs };
  return { view, files, missing };
}

async function sizeOf(file: string): Promise<number | undefined> {
  const status = await stat(file).catch(() => undefined);
  return status?.isFile() === true ? status.size : undefined;
}
