import { BackendError } from "../../errors.ts";
import { messageOf } from "./failures.ts";

/** Limits that kernels profit from: the defaults are those of a phone. */
const MAXIMA = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupsPerDimension",
] as const;

/** What a user knows an adapter by. */
export interface AdapterName {
  readonly name: string;
  /** Made of CPU instructions: slower than WebAssembly. */
  readonly software: boolean;
}

type Info = Pick<GPUAdapterInfo, "vendor" | "architecture" | "device" | "description"> & {
  readonly isFallbackAdapter?: boolean;
};

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b|software/i;

/** Whether a renderer calls itself one that works on the CPU. */
export function isSoftware(name: string): boolean {
  return SOFTWARE.test(name);
}

/** A name to show, and whether the adapter is software (browsers tell little: often only the vendor). */
export function adapterName({
  vendor,
  architecture,
  device,
  description,
  isFallbackAdapter,
}: Info): AdapterName {
  const texts = [vendor, architecture, device, description].filter((text) => text !== "");
  const software = isFallbackAdapter === true || texts.some(isSoftware);
  const maker = [vendor, architecture].filter((text) => text !== "").join(" ");
  const name =
    description !== "" && !/driver/i.test(description)
      ? description
      : device.replace(/-+$/, "") || maker || "unnamed GPU";
  return { name: software ? `${name} (software)` : name, software };
}

/** The GPU's adapter, or undefined where there is none. Throws BackendError when asking for one fails. */
export async function findAdapter(gpu: GPU): Promise<GPUAdapter | undefined> {
  try {
    return (await gpu.requestAdapter({ powerPreference: "high-performance" })) ?? undefined;
  } catch (cause) {
    throw new BackendError(`webgpu: no adapter: ${messageOf(cause).replaceAll(/\s*\n\s*/g, " ")}`, { cause });
  }
}

/** The adapter that is to be used. Throws BackendError where there is none, or where its name is not `wanted`. */
export async function requireAdapter(gpu: GPU, wanted: string | undefined): Promise<GPUAdapter> {
  const adapter = await findAdapter(gpu);
  if (adapter === undefined) {
    throw new BackendError("webgpu: no adapter was found; install a GPU driver, or use --backend wasm");
  }
  if (wanted === undefined) return adapter;
  const { vendor, architecture, device, description } = adapter.info;
  const texts = [vendor, architecture, device, description, adapterName(adapter.info).name];
  // Dawn writes a name's blanks as dashes.
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, " ")
      .trim();
  if (texts.some((text) => plain(text).includes(plain(wanted)))) return adapter;
  throw new BackendError(
    `webgpu: the adapter is ${adapterName(adapter.info).name}, not ${wanted}; see --device`,
  );
}

/** What is used where an adapter has it: prefix sums in a kernel, and a clock of the device's own. */
const FEATURES: readonly GPUFeatureName[] = ["subgroups", "timestamp-query"];

/** A device with all that its adapter can give. */
export function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const requiredLimits: Record<string, number> = {};
  for (const name of MAXIMA) requiredLimits[name] = adapter.limits[name];
  const requiredFeatures = FEATURES.filter((name) => adapter.features.has(name));
  return adapter.requestDevice({ label: "qortex", requiredLimits, requiredFeatures });
}
