import { findAdapter } from "../../src/compute/webgpu/adapter.ts";
import { openGpu } from "../../src/node/gpu.ts";

/** The tests' GPU: SwiftShader on Linux x64 (test/setup/swiftshader.ts), the system's elsewhere. Fails without one. */
export async function testGpu(): Promise<GPU> {
  const gpu = await openGpu();
  if ((await findAdapter(gpu)) === undefined) {
    throw new Error(
      "no WebGPU adapter: on Linux x64 test/setup/swiftshader.ts brings one; elsewhere the system must",
    );
  }
  return gpu;
}
