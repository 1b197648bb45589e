import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { BLOCKS } from "../../../../src/compute/webgpu/variants.ts";
import { allOf, faults } from "../check.ts";
import { plainProduct, type TestProduct } from "../cohorts.ts";
import { products } from "../conformance.ts";
import { Random } from "../random.ts";
import { meddledGpu, webGpu } from "./device.ts";

/** Products with candidates enough for several submits, in tiles of one block of columns. */
const some = products()
  .map(({ product }) => product)
  .filter(({ factors }) => factors[0]!.rows.count > 20 && factors[0]!.columns.count > 5)
  .slice(0, 3);

async function wrong(backend: Awaited<ReturnType<typeof webGpu>>, product: TestProduct): Promise<string[]> {
  return faults(product, await allOf(backend, product), await allOf(createReferenceBackend(), product));
}

/** Destroys a device when it is about to begin its `nth` command encoder. */
function destroyAt(device: GPUDevice, nth: number): void {
  const create = device.createCommandEncoder.bind(device);
  let count = 0;
  device.createCommandEncoder = (descriptor) => {
    count += 1;
    if (count === nth) device.destroy();
    return create(descriptor);
  };
}

describe("a device that is destroyed in flight", () => {
  it.each([1, 2, 5, 8])("at its encoder %i: the work is done again on another", async (nth) => {
    const warnings: string[] = [];
    const gpu = await meddledGpu((device, number) => {
      if (number === 1) destroyAt(device, nth);
    });
    const backend = await webGpu({ gpu, onWarning: (text) => warnings.push(text) }, { capacity: 64 });
    for (const product of some) expect(await wrong(backend, product)).toEqual([]);
    expect(backend.activity.losses).toBe(1);
    expect(warnings.filter((text) => text.includes("trying again"))).toHaveLength(1);
    const { candidates } = await allOf(backend, some[0]!);
    expect(candidates.by).toBeUndefined();
    await backend.dispose();
  });

  it.each([2, 3, 5])(
    "at its encoder %i, in the middle of a row tile: nothing is found twice",
    async (nth) => {
      const gpu = await meddledGpu((device, number) => {
        if (number === 1) destroyAt(device, nth);
      });
      const product = {
        ...plainProduct(new Random(nth), 100, 200, 40),
        threshold: new Float64Array(200).fill(0.3),
      };
      // A submit a block of 64 x 64, so four a row tile.
      const backend = await webGpu({ gpu, digits: 1 }, { work: 64 * 64 * 10, block: BLOCKS.wide });
      expect(await wrong(backend, product)).toEqual([]);
      expect(backend.activity.losses).toBe(1);
      await backend.dispose();
    },
  );

  it("while results are read: the same", async () => {
    const gpu = await meddledGpu((device, number) => {
      if (number > 1) return;
      const create = device.createBuffer.bind(device);
      device.createBuffer = (descriptor) => {
        const buffer = create(descriptor);
        const map = buffer.mapAsync.bind(buffer);
        buffer.mapAsync = (...rest) => {
          const mapped = map(...rest);
          device.destroy();
          return mapped;
        };
        return buffer;
      };
    });
    const backend = await webGpu({ gpu });
    for (const product of some) expect(await wrong(backend, product)).toEqual([]);
    expect(backend.activity.losses).toBe(1);
    await backend.dispose();
  });
});

describe("devices that keep failing", () => {
  it("reject every reading: wasm goes on, with a warning", async () => {
    const warnings: string[] = [];
    const gpu = await meddledGpu((device) => {
      const create = device.createBuffer.bind(device);
      device.createBuffer = (descriptor) => {
        const buffer = create(descriptor);
        const refused = Object.assign(new Error("a fake refuses"), { name: "OperationError" });
        buffer.mapAsync = () => Promise.reject(refused);
        return buffer;
      };
    });
    const backend = await webGpu({ gpu, onWarning: (text) => warnings.push(text) });
    for (const product of some) {
      expect(await wrong(backend, product)).toEqual([]);
      const { candidates, columnMax } = await allOf(backend, product);
      expect([candidates.by, columnMax.by]).toEqual(["wasm", "wasm"]);
    }
    expect(backend.activity.losses).toBe(3);
    expect(
      warnings.filter((text) => /a fake refuses; no device works any more; going on with Web/.test(text)),
    ).toHaveLength(1);
    await backend.dispose();
  });

  it("are not to be had again after a loss: the same", async () => {
    let refuse = false;
    const usual = await meddledGpu((device) => destroyAt(device, 4));
    const gpu = Object.assign(Object.create(usual) as GPU, {
      requestAdapter: (options?: GPURequestAdapterOptions) =>
        refuse ? Promise.resolve(null) : usual.requestAdapter(options),
    });
    const backend = await webGpu({ gpu });
    refuse = true;
    for (const product of some) expect(await wrong(backend, product)).toEqual([]);
    expect((await allOf(backend, some[0]!)).candidates.by).toBe("wasm");
    await backend.dispose();
  });
});

describe("disposal", () => {
  it("destroys every buffer, and ends products in flight", async () => {
    const alive = new Set<GPUBuffer>();
    const gpu = await meddledGpu((device) => {
      const create = device.createBuffer.bind(device);
      device.createBuffer = (descriptor) => {
        const buffer = create(descriptor);
        const destroy = buffer.destroy.bind(buffer);
        alive.add(buffer);
        buffer.destroy = () => {
          alive.delete(buffer);
          return destroy();
        };
        return buffer;
      };
    });
    const backend = await webGpu({ gpu });
    for (const product of some) expect(await wrong(backend, product)).toEqual([]);
    expect(alive.size).toBeGreaterThan(5);
    // Buffers are used again: their number does not grow with the products (by a few that products in flight at once take).
    const before = alive.size;
    for (const product of [...some, ...some]) await allOf(backend, product);
    expect(alive.size).toBeLessThan(before + 10);
    const columns = await backend.load(some[0]!.factors[0]!.columns);
    const threshold = new Float64Array(columns.count);
    const { rows, norm } = some[0]!.factors[0]!;
    const factors = [{ rows, columns, norm, weight: 1 }];
    const flying = backend.product(factors, { kind: "candidates", threshold });
    const ended = expect(flying).rejects.toThrow(/disposed/);
    await backend.dispose();
    await ended;
    expect(alive.size).toBe(0);
    await expect(backend.product(factors, { kind: "columnMax" })).rejects.toThrow(/disposed/);
  });
});
