import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapterName, requireAdapter } from "../../../../src/compute/webgpu/adapter.ts";
import { multiply } from "../../../../src/compute/webgpu/gemm.ts";
import { compileModule, excerpt } from "../../../../src/compute/webgpu/pipelines.ts";
import { sizeClass } from "../../../../src/compute/webgpu/pool.ts";
import type { Session } from "../../../../src/compute/webgpu/session.ts";
import { STORAGE } from "../../../../src/compute/webgpu/usage.ts";
import { BLOCKS, type Block } from "../../../../src/compute/webgpu/variants.ts";
import { BackendError } from "../../../../src/errors.ts";
import { testGpu } from "../../../helpers/gpu.ts";
import { Random } from "../random.ts";
import { testSession, webGpu } from "./device.ts";

describe("on a device", () => {
  let session: Session;
  beforeAll(async () => {
    session = await testSession();
  });
  afterAll(() => session.destroy());

  it("limits are the adapter's, not the defaults", async () => {
    const adapter = await requireAdapter(await testGpu(), undefined);
    const { limits } = session.device;
    expect(limits.maxBufferSize).toBe(adapter.limits.maxBufferSize);
    expect(limits.maxStorageBufferBindingSize).toBe(adapter.limits.maxStorageBufferBindingSize);
  });

  it("a compile error shows its line, numbered, and a caret", async () => {
    const code = "fn one() -> u32 {\n  return 1u;\n}\nfn two() -> u32 {\n  return one() + missing;\n}\n";
    const error = await compileModule(session.device, "a shader", code).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(BackendError);
    expect((error as Error).message).toBe(
      [
        "webgpu: a shader does not compile:",
        "line 5: unresolved value 'missing'",
        "2 |   return 1u;",
        "3 | }",
        "4 | fn two() -> u32 {",
        "5 |   return one() + missing;",
        "  |                  ^",
        "6 | }",
        "7 | ",
      ].join("\n"),
    );
  });

  it("an error names the resource", async () => {
    const bytes = session.device.limits.maxBufferSize + 8;
    await expect(session.pool.acquire("the moon", bytes, STORAGE)).rejects.toThrow(
      /making the buffer "the moon" \(\d+ bytes\)/,
    );
    const record = (encoder: GPUCommandEncoder) => void encoder.beginComputePass();
    await expect(session.submit("an open pass", record)).rejects.toThrow(/webgpu: an open pass: /);
  });

  it("who asks for a pipeline in the making waits for it", async () => {
    const [a, b] = await Promise.all([session.pipelines.get("gemm"), session.pipelines.get("gemm")]);
    expect(a).toBe(b);
    expect(await session.pipelines.get("screen_select", { DIGITS: 1 })).not.toBe(
      await session.pipelines.get("screen_select", { DIGITS: 2 }),
    );
  });

  it("buffers are used again, up to a cap", async () => {
    const { pool } = session;
    const first = await pool.acquire("a", 5000, STORAGE);
    pool.release(first);
    expect(await pool.acquire("b", 5100, STORAGE)).toBe(first);
    const second = await pool.acquire("c", 5000, STORAGE);
    expect(second).not.toBe(first);
    pool.release(first);
    const large = await pool.acquire("d", 2 ** 28 + 4, STORAGE);
    expect(pool.alive.has(large)).toBe(true);
    pool.release(large);
    expect(pool.alive.has(large)).toBe(false);
    pool.release(second);
  });

  describe.each(Object.entries(BLOCKS))("gemm by %s blocks", (_, block) => {
    it.each([
      [1, 1, 1],
      [64, 64, 16],
      [65, 130, 17],
      [3, 70, 333],
      [128, 16, 15],
      // More blocks than one dimension of a grid takes here.
      [300, 5, 7, 2],
      [5, 100, 9, 2],
    ])("of %i x %i over %i is within its error of f64", async (rows, columns, depth, across = 65_535) => {
      expect(await gemmFault(session, block, new Random(rows * depth), rows, columns, depth, across)).toBe(
        "",
      );
    });

    it("of random ragged shapes is", async () => {
      for (let seed = 700; seed < 708; seed += 1) {
        const random = new Random(seed);
        const [rows, columns, depth] = [
          random.integer(1, 128),
          random.integer(1, 128),
          random.integer(1, 70),
        ];
        expect(await gemmFault(session, block, random, rows, columns, depth), `seed ${seed}`).toBe("");
      }
    });
  });
});

/** Where a product is further from f64's than it may be, in words. */
async function gemmFault(
  session: Session,
  block: Block,
  random: Random,
  rows: number,
  columns: number,
  depth: number,
  across = 65_535,
): Promise<string> {
  const matrix = (lines: number) => {
    const values = Float32Array.from({ length: lines * depth }, () => random.normal());
    return { rows: lines, depth, values };
  };
  const a = matrix(rows);
  const b = matrix(columns);
  const out = await multiply(session, a, b, block, across);
  if (out.length !== rows * columns) return `${out.length} values`;
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      let [exact, x, y] = [0, 0, 0];
      for (let k = 0; k < depth; k += 1) {
        const [p, q] = [a.values[i * depth + k]!, b.values[j * depth + k]!];
        exact += p * q;
        x += p * p;
        y += q * q;
      }
      const bound = (depth + 1) * 2 ** -23 * Math.sqrt(x * y);
      const own = out[i * columns + j]!;
      if (!(Math.abs(own - exact) <= bound)) return `row ${i}, column ${j}: ${own}, not ${exact}`;
    }
  }
  return "";
}

describe("adapters", () => {
  const info = { vendor: "", architecture: "", device: "", description: "" };
  it.each([
    [{ ...info, vendor: "google", architecture: "swiftshader" }, "google swiftshader (software)"],
    [
      { ...info, description: "llvmpipe (LLVM 15.0.6, 256 bits)" },
      "llvmpipe (LLVM 15.0.6, 256 bits) (software)",
    ],
    [{ ...info, vendor: "intel", isFallbackAdapter: true }, "intel (software)"],
    [{ ...info, vendor: "microsoft", description: "Microsoft Basic Render Driver" }, "microsoft (software)"],
    [
      { ...info, vendor: "nvidia", architecture: "ada", description: "NVIDIA GeForce RTX 4090" },
      "NVIDIA GeForce RTX 4090",
    ],
    [{ ...info, vendor: "apple", architecture: "metal-3" }, "apple metal-3"],
    [info, "unnamed GPU"],
  ])("%j is %s", (adapter, name) => {
    expect(adapterName(adapter)).toEqual({ name, software: name.endsWith("(software)") });
  });

  it("another than the one named is refused, and none is an error", async () => {
    await expect(webGpu({ device: "RTX 4090" })).rejects.toThrow(/the adapter is .*, not RTX 4090/);
    const none = { requestAdapter: async () => null, wgslLanguageFeatures: new Set() } as unknown as GPU;
    await expect(webGpu({ gpu: none })).rejects.toThrow("no adapter was found");
  });

  it("software is used when asked for, with a warning", async () => {
    const warnings: string[] = [];
    const backend = await webGpu({ onWarning: (text) => warnings.push(text) });
    const adapter = await requireAdapter(await testGpu(), undefined);
    expect(warnings.length).toBe(adapterName(adapter.info).software ? 1 : 0);
    await backend.dispose();
  });
});

describe("pure parts", () => {
  it("an excerpt at either end of the source", () => {
    expect(excerpt("a\nb", { message: "oh", lineNum: 1, linePos: 1 })).toBe(
      "line 1: oh\n1 | a\n  | ^\n2 | b",
    );
    expect(excerpt("a\nb", { message: "oh", lineNum: 0, linePos: 0 })).toBe("oh");
  });

  it("size classes hold what is asked for, waste little, and keep to the limit", () => {
    for (const bytes of [1, 256, 257, 1000, 4096, 5001, 1_000_001, 2 ** 30 - 3]) {
      const size = sizeClass(bytes, 2 ** 30);
      expect(size % 4).toBe(0);
      expect(size).toBeGreaterThanOrEqual(bytes);
      expect(size).toBeLessThanOrEqual(Math.min(2 ** 30, Math.max(256, 1.126 * bytes)));
    }
  });
});
