import { describe, expect, it } from "vitest";
import { choice } from "../../../src/app/engine/machine.ts";

const here = { threads: 8, isolated: true, webgl: undefined };
const rtx = { description: "NVIDIA RTX 4090", software: false };
const swift = { description: "google swiftshader (software)", software: true };
const angle = { description: "ANGLE (Intel Iris)", software: false };

describe("the backend that auto takes in a page", () => {
  it("is a GPU made of hardware, by WebGPU first", () => {
    expect(choice({ ...here, adapter: rtx, webgl: angle })).toMatchObject({ chosen: "webgpu" });
    expect(choice({ ...here, adapter: rtx }).why).toContain("NVIDIA RTX 4090");
    expect(choice({ ...here, adapter: undefined, webgl: angle })).toMatchObject({ chosen: "webgl" });
    expect(choice({ ...here, adapter: swift, webgl: angle })).toMatchObject({ chosen: "webgl" });
  });

  it("is never software: it says why, and what flags there are", () => {
    for (const webgl of [undefined, swift]) {
      const { chosen, why } = choice({ ...here, adapter: swift, webgl });
      expect(chosen).toBe("wasm");
      expect(why).toMatch(
        /swiftshader \(software\) is a GPU made of CPU instructions.*8 threads that share memory.*chrome:\/\/gpu/,
      );
    }
    expect(choice({ ...here, adapter: undefined }).why).toContain("offers no WebGPU");
    expect(choice({ ...here, adapter: undefined, isolated: false }).why).toContain("a copy of the data");
  });
});
