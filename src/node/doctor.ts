import { existsSync, readdirSync } from "node:fs";
import { access, constants, statfs } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism, cpus, freemem, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
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
function* vulkanChecks(): Generator<Check> {
  const own = (process.env["LD_LIBRARY_PATH"] ?? "").split(":").filter((folder) => folder !== "");
  const loader = [...own, ...LIBRARY_FOLDERS]
    .map((folder) => join(folder, "libvulkan.so.1"))
    .find((path) => existsSync(path));
  yield loader === undefined
    ? {
        name: "Vulkan loader",
        status: "warning",
        value: "libvulkan.so.1 not found",
        fix: "if this machine has a GPU: apt install libvulkan1 (Debian, Ubuntu), dnf install vulkan-loader (Fedora)",
      }
    : { name: "Vulkan loader", status: "ok", value: loader };
  const named = process.env["VK_DRIVER_FILES"] ?? process.env["VK_ICD_FILENAMES"];
  const drivers = named?.split(":") ?? DRIVER_FOLDERS.flatMap(driversIn);
  yield drivers.length === 0
    ? {
        name: "Vulkan drivers",
        status: "warning",
        value: "none",
        fix: "if this machine has a GPU: install its vendor's driver (NVIDIA), or apt install mesa-vulkan-drivers (AMD, Intel)",
      }
    : { name: "Vulkan drivers", status: "ok", value: drivers.join(", ") };
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
