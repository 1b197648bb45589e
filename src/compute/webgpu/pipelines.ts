import { BackendError } from "../../errors.ts";
import { messageOf, scoped } from "./failures.ts";
import { DOT4, SHADERS } from "./generated.ts";
import { STAGE_COMPUTE } from "./usage.ts";

export type KernelName = keyof typeof SHADERS;

/** What each kernel binds, in order: the layouts are explicit, so that pipelines can share them. */
const SCREEN = ["uniform", "read", "read", "read", "read", "read", "read"] as const;
const BINDINGS: Readonly<Record<KernelName, readonly ("uniform" | "read" | "write")[]>> = {
  gemm: ["uniform", "read", "read", "write"],
  screen_raise: [...SCREEN, "write"],
  screen_select: [...SCREEN, "read", "write"],
  unpack_calls: ["uniform", "read", "read", "write"],
};
const TYPES = { uniform: "uniform", read: "read-only-storage", write: "storage" } as const;

export interface Kernel {
  readonly name: KernelName;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Compiled kernels of a device, by name and constants. Whoever asks while one is compiled waits for it. */
export class Pipelines {
  private readonly device: GPUDevice;
  private readonly packedDot: boolean;
  private readonly onCompile: () => void;
  private readonly kernels = new Map<string, Promise<Kernel>>();

  constructor(device: GPUDevice, packedDot: boolean, onCompile: () => void) {
    this.device = device;
    this.packedDot = packedDot;
    this.onCompile = onCompile;
  }

  get(name: KernelName, constants: Readonly<Record<string, number>> = {}): Promise<Kernel> {
    const values = Object.entries(constants).map(([constant, value]) => ` ${constant}=${value}`);
    const key = name + values.join("");
    const known = this.kernels.get(key);
    if (known !== undefined) return known;
    const kernel = this.compile(name, constants, key);
    this.kernels.set(key, kernel);
    return kernel;
  }

  private async compile(
    name: KernelName,
    constants: Readonly<Record<string, number>>,
    label: string,
  ): Promise<Kernel> {
    this.onCompile();
    const { device } = this;
    const source = this.packedDot ? SHADERS[name] : SHADERS[name].replace(DOT4.packed, DOT4.plain);
    const module = await compileModule(device, label, source);
    const entries = BINDINGS[name].map((kind, binding) => ({
      binding,
      visibility: STAGE_COMPUTE,
      buffer: { type: TYPES[kind] },
    }));
    const layouts = await scoped(device, `the layout of ${label}`, () => {
      const layout = device.createBindGroupLayout({ label, entries });
      return { layout, all: device.createPipelineLayout({ label, bindGroupLayouts: [layout] }) };
    });
    try {
      const compute = { module, entryPoint: "main", constants: { ...constants } };
      const pipeline = await device.createComputePipelineAsync({ label, layout: layouts.all, compute });
      return { name, pipeline, layout: layouts.layout };
    } catch (cause) {
      if (cause instanceof Error && cause.name === "GPUPipelineError" && reasonOf(cause) === "validation") {
        throw new BackendError(`webgpu: the pipeline ${label}: ${messageOf(cause)}`, { cause });
      }
      throw cause;
    }
  }
}

function reasonOf(error: Error): unknown {
  return "reason" in error ? error.reason : undefined;
}

/** A shader module. Throws BackendError with the numbered source around the first error, a caret under it. */
export async function compileModule(
  device: GPUDevice,
  label: string,
  code: string,
): Promise<GPUShaderModule> {
  const invalid = { message: "" };
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ label, code });
  const scope = device.popErrorScope();
  const { messages } = await module.getCompilationInfo();
  invalid.message = (await scope)?.message ?? "";
  const error = messages.find(({ type }) => type === "error");
  if (error !== undefined)
    throw new BackendError(`webgpu: ${label} does not compile:\n${excerpt(code, error)}`);
  if (invalid.message !== "") throw new BackendError(`webgpu: ${label} does not compile: ${invalid.message}`);
  return module;
}

/** Lines of context on either side of an error. */
const AROUND = 3;

/** The message, and the lines around its place, numbered, a caret under the place. Lines and positions count from 1. */
export function excerpt(
  code: string,
  { message, lineNum, linePos }: Pick<GPUCompilationMessage, "message" | "lineNum" | "linePos">,
): string {
  const lines = code.split("\n");
  if (lineNum < 1 || lineNum > lines.length) return message;
  const from = Math.max(1, lineNum - AROUND);
  const to = Math.min(lines.length, lineNum + AROUND);
  const width = String(to).length;
  const shown: string[] = [];
  for (let line = from; line <= to; line += 1) {
    shown.push(`${String(line).padStart(width)} | ${lines[line - 1]}`);
    if (line === lineNum) shown.push(`${" ".repeat(width)} | ${" ".repeat(Math.max(0, linePos - 1))}^`);
  }
  return `line ${lineNum}: ${message}\n${shown.join("\n")}`;
}
