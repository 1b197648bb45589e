import { BackendError } from "../../errors.ts";

/** A device that is gone, or that has no memory left: the work can be done again, smaller, on another. */
export class DeviceFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DeviceFailure";
  }
}

/** Whether an error is one of a device's, which may pass, rather than a fault in Qortex or a cancellation. */
export function isDeviceFailure(error: unknown): boolean {
  if (error instanceof DeviceFailure) return true;
  // What a promise of WebGPU rejects with. Implementations outside browsers have no DOMException of ours.
  return error instanceof Error && /^(OperationError|AbortError|InvalidStateError)$/.test(error.name);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Runs `make` (synchronous) under error scopes whose message names `what`. Throws BackendError for what the
 * device refuses as invalid (a fault in Qortex), {@link DeviceFailure} where memory runs out.
 */
export async function scoped<T>(device: GPUDevice, what: string, make: () => T): Promise<T> {
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  let made: { readonly value: T } | { readonly error: unknown };
  try {
    made = { value: make() };
  } catch (error) {
    made = { error };
  }
  const [invalid, memory] = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  if (invalid !== null) throw new BackendError(`webgpu: ${what}: ${invalid.message}`);
  if (memory !== null) throw new DeviceFailure(`out of GPU memory: ${what}: ${memory.message}`);
  if ("error" in made) throw made.error;
  return made.value;
}
