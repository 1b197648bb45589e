import type { Backend } from "../../compute/backend.ts";
import { adapterName, findAdapter, isSoftware } from "../../compute/webgpu/adapter.ts";
import { createBackend } from "../backends.ts";
import { pageGpu } from "../gpu.ts";
import type { BackendChoice, Machine } from "./protocol.ts";

/** How a browser is told to use the GPU that it has. */
const FLAGS =
  "If this machine has a GPU, look at chrome://gpu (Chrome, Edge: chrome://flags/#enable-unsafe-webgpu and #ignore-gpu-blocklist; on Linux start it with --enable-features=Vulkan) or about:config (Firefox: dom.webgpu.enabled).";

/** What this browser offers, without starting any of it. */
export async function lookAround(): Promise<Machine> {
  const [adapter, storage] = [await gpuAdapter(), await storageLeft()];
  const webgl = webGl();
  const threads = Math.max(1, navigator.hardwareConcurrency);
  const isolated = globalThis.crossOriginIsolated === true;
  return { adapter, webgl, threads, isolated, storage, ...choice({ adapter, webgl, threads, isolated }) };
}

/** What `auto` is on this machine: a GPU made of hardware, by WebGPU, else by WebGL; else the CPU. */
export function choice({
  adapter,
  webgl,
  threads,
  isolated,
}: Pick<Machine, "adapter" | "webgl" | "threads" | "isolated">): Pick<Machine, "chosen" | "why"> {
  const cpu = isolated
    ? `WebAssembly on ${threads === 1 ? "1 thread" : `${threads} threads that share memory`}`
    : `WebAssembly on ${threads === 1 ? "1 thread" : `${threads} threads`} (each with a copy of the data: the server sends no cross-origin isolation headers)`;
  if (adapter !== undefined && !adapter.software)
    return {
      chosen: "webgpu",
      why: `WebGPU on ${adapter.description}; whatever it screens is computed again in full precision.`,
    };
  const missing =
    adapter === undefined
      ? "This browser offers no WebGPU."
      : `${adapter.description} is a GPU made of CPU instructions, slower than WebAssembly, so it is not chosen by itself.`;
  if (webgl !== undefined && !webgl.software)
    return { chosen: "webgl", why: `${missing} WebGL on ${webgl.description} is used. ${FLAGS}` };
  return { chosen: "wasm", why: `${missing} ${cpu} is used. ${FLAGS}` };
}

async function gpuAdapter(): Promise<Machine["adapter"]> {
  const gpu = pageGpu();
  const adapter = gpu && (await findAdapter(gpu).catch(() => undefined));
  if (adapter === undefined) return undefined;
  const { name, software } = adapterName(adapter.info);
  return { description: name, software };
}

/** The renderer by its own name; browsers that hide it say so little that it cannot be told from software. */
function webGl(): Machine["webgl"] {
  try {
    const context = new OffscreenCanvas(1, 1).getContext("webgl2");
    if (context === null) return undefined;
    const info = context.getExtension("WEBGL_debug_renderer_info");
    const name =
      info === null
        ? context.getParameter(context.RENDERER)
        : context.getParameter(info.UNMASKED_RENDERER_WEBGL);
    context.getExtension("WEBGL_lose_context")?.loseContext();
    const description = typeof name === "string" && name !== "" ? name : "a GPU without a name";
    return { description, software: isSoftware(description) };
  } catch {
    return undefined;
  }
}

/** Bytes that the browser would still keep for the page; 0 where it keeps nothing. */
async function storageLeft(): Promise<number> {
  try {
    await navigator.storage.getDirectory();
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    return Math.max(0, quota - usage);
  } catch {
    return 0;
  }
}

/**
 * The backend of a job: what was asked for by name, or what {@link lookAround} says of `auto`. Without cross-origin isolation threads hold a copy
 * each. Throws BackendError where it is not there.
 */
export async function engineBackend(
  asked: BackendChoice | "auto",
  threads: number | undefined,
  onWarning: (text: string) => void,
): Promise<Backend> {
  const name = asked === "auto" ? (await lookAround()).chosen : asked;
  return createBackend(name, { threads, onWarning });
}
