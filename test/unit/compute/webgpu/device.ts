import type { Backend } from "../../../../src/compute/backend.ts";
import { createWasmBackend } from "../../../../src/compute/wasm/backend.ts";
import { noActivity } from "../../../../src/compute/webgpu/activity.ts";
import { openDevice, requireAdapter } from "../../../../src/compute/webgpu/adapter.ts";
import { createWebGpuBackend, type WebGpuOptions } from "../../../../src/compute/webgpu/backend.ts";
import type { WebGpuSettings } from "../../../../src/compute/webgpu/screen.ts";
import { Session } from "../../../../src/compute/webgpu/session.ts";
import type { DeviceVariant } from "../../../../src/compute/webgpu/variants.ts";
import { testGpu } from "../../../helpers/gpu.ts";

/** The webgpu backend on the tests' GPU, with wasm on this thread beside it. */
export async function webGpu(options: Partial<WebGpuOptions> = {}, settings: WebGpuSettings = {}) {
  const gpu = options.gpu ?? (await testGpu());
  const fallback: Backend = options.fallback ?? (await createWasmBackend());
  return createWebGpuBackend({ ...options, gpu, fallback }, settings);
}

/** A device of its own for tests of the device layer; `destroy` it. */
export async function testSession(
  variant: DeviceVariant = { packedDot: true, subgroups: true },
): Promise<Session> {
  const device = await openDevice(await requireAdapter(await testGpu(), undefined));
  return new Session(device, variant, noActivity());
}

/** The tests' GPU, which shows each device to `meddle` before anybody has it. */
export async function meddledGpu(meddle: (device: GPUDevice, number: number) => void): Promise<GPU> {
  const gpu = await testGpu();
  let devices = 0;
  const requestAdapter = async (options?: GPURequestAdapterOptions) => {
    const adapter = await gpu.requestAdapter(options);
    if (adapter === null) return null;
    const requestDevice = adapter.requestDevice.bind(adapter);
    adapter.requestDevice = async (descriptor) => {
      const device = await requestDevice(descriptor);
      devices += 1;
      meddle(device, devices);
      return device;
    };
    return adapter;
  };
  return { requestAdapter, wgslLanguageFeatures: gpu.wgslLanguageFeatures } as unknown as GPU;
}
