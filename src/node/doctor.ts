import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { access, constants, statfs } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism, cpus, freemem, release, tmpdir, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { adapterName } from "../compute/webgpu/adapter.ts";
import { adapterNames, openGpu } from "./gpu.ts";
import { createBackend } from "./index.ts";

/** One thing looked at. Without `failure`s the tool works; `warning`s cost speed or a backend. */
export interface Check {
  readonly name: string;
  readonly status: "ok" | "warning" | "failure";
  readonly value: string;
  /** What to do about it, where it is not ok. */
  readonly fix?: string;
}

const GIB = 2 ** 30;
const OLDEST_NODE = 20;
/** Less free space than this in the temporary folder is worth a word. */
const LEAST_TEMPORARY = 4 * GIB;

/** Looks at the machine: a check at a time, so that what hangs or crashes is the one after the last shown. */
export async function* examine(version: string): AsyncGenerator<Check> {
  yield { name: "Qortex", status: "ok", value: version };
  yield nodeCheck(process.version);
  yield { name: "Platform", status: "ok", value: `${process.platform} ${process.arch}, ${release()}` };
  const threads = availableParallelism();
  const model = cpus()[0]?.model.trim() ?? "unknown CPU";
  yield { name: "CPU", status: "ok", value: `${threads} ${threads === 1 ? "thread" : "threads"}, ${model}` };
  yield memoryCheck();
  yield await temporaryCheck(tmpdir());
  yield await wasmCheck(threads);
  yield packageCheck();
  if (process.platform === "linux") yield* vulkanChecks();
  yield* await adapterChecks();
}

export function nodeCheck(version: string): Check {
  const major = Number(/^v(\d+)/.exec(version)?.[1] ?? 0);
  if (major >= OLDEST_NODE) return { name: "Node", status: "ok", value: version };
  const fix = `install Node ${OLDEST_NODE} or newer (https://nodejs.org)`;
  return { name: "Node", status: "failure", value: version, fix };
}

function memoryCheck(): Check {
  const limit = process.constrainedMemory?.() ?? 0;
  const reach = limit > 0 && limit < totalmem() ? limit : totalmem();
  const value = `${gib(reach)} in reach, ${gib(freemem())} free`;
  if (reach >= GIB) return { name: "Memory", status: "ok", value };
  return { name: "Memory", status: "warning", value, fix: "give --memory 128M or more, and --threads 1" };
}

/** VCF is stored there for the time of a run. */
export async function temporaryCheck(folder: string): Promise<Check> {
  const name = "Temporary folder";
  const fix = "free some space, or name another folder in the environment variable TMPDIR";
  try {
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const value = `${folder}, ${gib(free)} free`;
    return free < LEAST_TEMPORARY ? { name, status: "warning", value, fix } : { name, status: "ok", value };
  } catch (error) {
    return { name, status: "failure", value: `${folder} cannot be written to (${said(error)})`, fix };
  }
}

async function wasmCheck(threads: number): Promise<Check> {
  const name = "WebAssembly";
  try {
    const backend = await createBackend("wasm", { threads });
    const value = backend.description;
    await backend.dispose();
    return { name, status: "ok", value };
  } catch (error) {
    const fix = "Qortex needs WebAssembly with SIMD: use Node 20 or newer, without --jitless";
    return { name, status: "failure", value: said(error), fix };
  }
}

function packageCheck(): Check {
  const name = "WebGPU package";
  try {
    const manifest = createRequire(import.meta.url)("webgpu/package.json") as { version: string };
    return { name, status: "ok", value: `webgpu ${manifest.version} (Dawn)` };
  } catch (error) {
    const fix = "npm install webgpu@0.6.2, if this machine has a GPU";
    return { name, status: "warning", value: said(error), fix };
  }
}

const LIBRARY_FOLDERS = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"].flatMap((folder) => [
  folder,
  join(folder, "x86_64-linux-gnu"),
  join(folder, "aarch64-linux-gnu"),
]);
const DRIVER_FOLDERS = ["/etc/vulkan/icd.d", "/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];

/** On Linux Dawn speaks to a GPU through Vulkan: a loader, and a driver that a file describes. */
export function* vulkanChecks(environment: NodeJS.ProcessEnv = process.env): Generator<Check> {
  const own = (environment["LD_LIBRARY_PATH"] ?? "").split(":").filter((folder) => folder !== "");
  const loader = [...own, ...LIBRARY_FOLDERS]
    .map((folder) => join(folder, "libvulkan.so.1"))
    .find((path) => existsSync(path));
  yield loaderCheck(loader);
  // As the loader takes them: the first that is set and not empty.
  const variable = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"].find((name) => (environment[name] ?? "") !== "");
  const named = variable === undefined ? undefined : environment[variable]!.split(":");
  yield driverCheck(named ?? DRIVER_FOLDERS.flatMap(driversIn), variable);
}

function loaderCheck(path: string | undefined): Check {
  const name = "Vulkan loader";
  if (path === undefined) {
    const fix =
      "if this machine has a GPU: apt install libvulkan1 (Debian, Ubuntu), dnf install vulkan-loader (Fedora)";
    return { name, status: "warning", value: "libvulkan.so.1 not found", fix };
  }
  if (isLibrary(path)) return { name, status: "ok", value: path };
  const fix = "install it again, or take its folder out of LD_LIBRARY_PATH";
  return { name, status: "warning", value: `${path} is not a library`, fix };
}

function driverCheck(drivers: readonly string[], variable: string | undefined): Check {
  const name = "Vulkan drivers";
  const value = drivers.length === 0 ? "none" : drivers.join(", ");
  const wrong = drivers.map(driverFault).find((fault) => fault !== undefined);
  if (drivers.length > 0 && wrong === undefined) return { name, status: "ok", value };
  const install =
    "if this machine has a GPU: install its vendor's driver (NVIDIA), or apt install mesa-vulkan-drivers (AMD, Intel)";
  const fix = variable === undefined ? install : `unset the environment variable ${variable}, or correct it`;
  return { name, status: "warning", value: wrong ?? value, fix };
}

/** What is wrong with a driver's description, or with the library that it names (one without a path the system finds). */
function driverFault(path: string): string | undefined {
  if (!existsSync(path)) return `${path} is not there`;
  try {
    // The loader takes folders of descriptions too.
    if (statSync(path).isDirectory()) return undefined;
    const { ICD } = JSON.parse(readFileSync(path, "utf8")) as { ICD?: { library_path?: unknown } };
    const library = ICD?.library_path;
    if (typeof library !== "string") return `${path} names no library`;
    if (!library.includes("/") || isLibrary(resolve(dirname(path), library))) return undefined;
    return `${path} names ${library}, which is not a library`;
  } catch (error) {
    return `${path} cannot be read (${said(error)})`;
  }
}

/** Whether there is a file of ELF, Linux's format of libraries. */
function isLibrary(path: string): boolean {
  try {
    const head = Buffer.alloc(4);
    const file = openSync(path, "r");
    try {
      readSync(file, head, 0, 4, 0);
    } finally {
      closeSync(file);
    }
    return head.toString("latin1") === "\x7fELF";
  } catch {
    return false;
  }
}

function driversIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

const NO_ADAPTER =
  "without one maps are made by WebAssembly; for a GPU, install its driver and run this again";

async function adapterChecks(): Promise<Check[]> {
  const name = "Adapters";
  try {
    const known = await adapterNames();
    const adapter = await (await openGpu()).requestAdapter();
    if (adapter === null) {
      const value = known.length === 0 ? "none" : `none that can be used (${known.join("; ")})`;
      return [{ name, status: "warning", value, fix: NO_ADAPTER }];
    }
    const { name: used, software } = adapterName(adapter.info);
    return [
      { name, status: "ok", value: known.length === 0 ? used : known.join("; ") },
      software
        ? {
            name: "Adapter used",
            status: "warning",
            value: used,
            fix: "it is software, never chosen by itself since WebAssembly is faster; for a GPU, install its driver",
          }
        : { name: "Adapter used", status: "ok", value: used },
      { name: "Adapter limits", status: "ok", value: limitsText(adapter.limits) },
    ];
  } catch (error) {
    return [{ name, status: "warning", value: said(error), fix: NO_ADAPTER }];
  }
}

function limitsText(limits: GPUSupportedLimits): string {
  return [
    `buffers to ${gib(limits.maxBufferSize)}`,
    `bindings to ${gib(limits.maxStorageBufferBindingSize)}`,
    `${limits.maxStorageBuffersPerShaderStage} storage buffers`,
    `${limits.maxComputeInvocationsPerWorkgroup} invocations a workgroup`,
    `${Math.round(limits.maxComputeWorkgroupStorageSize / 1024)} KiB of workgroup memory`,
  ].join(", ");
}

function gib(bytes: number): string {
  return bytes < GIB ? `${Math.round(bytes / 2 ** 20)} MiB` : `${(bytes / GIB).toFixed(1)} GiB`;
}

function said(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0] ?? "";
}
