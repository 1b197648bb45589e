import { BackendError } from "../../errors.ts";
import { messageOf, scoped } from "./failures.ts";
import { KERNELS } from "./generated.ts";
import { sourceOf } from "./source.ts";
import { STAGE_COMPUTE } from "./usage.ts";
import type { DeviceVariant } from "./variants.ts";

export type KernelName = keyof typeof KERNELS;
type Binding = keyof typeof TYPES;

/** What each kernel binds, in order: the layouts are explicit, so that a binding left unused is no error. */
export const SCREEN = ["uniform", "read", "read", "read", "read", "read", "read"] as const;
const BINDINGS: Readonly<Record<KernelName, readonly Binding[]>> = {
  gemm: ["uniform", "read", "read", "write"],
  gram: ["uniform", "read", "read", "write"],
  screen_raise: [...SCREEN, "write"],
  screen_select: [...SCREEN, "read", "write"],
};
const TYPES = { uniform: "uniform", read: "read-only-storage", write: "storage" } as const;

export interface Kernel {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** A kernel to compile. */
export interface KernelText {
  readonly label: string;
  /** With #include lines. */
  readonly text: string;
  readonly bindings: readonly Binding[];
  readonly constants: Readonly<Record<string, number>>;
}

/** Compiled kernels of a device, by name and constants. Whoever asks while one is compiled waits for it. */
export class Pipelines {
  private readonly device: GPUDevice;
  private readonly variant: DeviceVariant;
  private readonly onCompile: () => void;
  private readonly kernels = new Map<string, Promise<Kernel>>();

  constructor(device: GPUDevice, variant: DeviceVariant, onCompile: () => void) {
    this.device = device;
    this.variant = variant;
    this.onCompile = onCompile;
  }

  get(name: KernelName, constants: Readonly<Record<string, number>> = {}): Promise<Kernel> {
    const values = Object.entries(constants).map(([constant, value]) => ` ${constant}=${value}`);
    const label = name + values.join("");
    const known = this.kernels.get(label);
    if (known !== undefined) return known;
    this.onCompile();
    const text = { label, text: KERNELS[name], bindings: BINDINGS[name], constants };
    const kernel = compileKernel(this.device, this.variant, text);
    this.kernels.set(label, kernel);
    return kernel;
  }
}

/** Throws BackendError where the kernel does not compile, DeviceFailure where the device has no memory for it. */
export async function compileKernel(
  device: GPUDevice,
  variant: DeviceVariant,
  { label, text, bindings, constants }: KernelText,
): Promise<Kernel> {
  const module = await compileModule(device, label, sourceOf(text, variant));
  const entries = bindings.map((kind, binding) => ({
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
    return { label, pipeline, layout: layouts.layout };
  } catch (cause) {
    if (cause instanceof Error && cause.name === "GPUPipelineError" && reasonOf(cause) === "validation") {
      throw new BackendError(`webgpu: the pipeline ${label}: ${messageOf(cause)}`, { cause });
    }
    throw cause;
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
