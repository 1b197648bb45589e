import { join } from "node:path";
import { expect, test } from "vitest";
import { checkText } from "../../../src/cli/doctor.ts";
import { nodeCheck, temporaryCheck } from "../../../src/node/doctor.ts";
import { adaptersIn } from "../../../src/node/gpu.ts";
import { repository } from "../../helpers/shared.ts";
import { qortex } from "./shell.ts";

test("Dawn's list of adapters is read", () => {
  const message =
    "no suitable backends found\nAvailable adapters:\n * backend: 'vulkan', name: 'NVIDIA RTX 4090'\n * backend: 'vulkan', name: 'SwiftShader Device (Subzero)'\n";
  expect(adaptersIn(message)).toEqual(["NVIDIA RTX 4090 (vulkan)", "SwiftShader Device (Subzero) (vulkan)"]);
  expect(adaptersIn("something else")).toEqual([]);
});

test("what fails comes with its fix", async () => {
  expect(nodeCheck("v20.20.2").status).toBe("ok");
  expect(checkText(nodeCheck("v18.1.0"))).toMatchInlineSnapshot(`
    "FAIL  Node              v18.1.0
                            fix: install Node 20 or newer (https://nodejs.org)
    "
  `);
  const missing = await temporaryCheck(join(repository, "no-such-folder"));
  expect(missing.status).toBe("failure");
  expect(missing.fix).toContain("TMPDIR");
});

test("qortex doctor prints a line a check and exits 0 where maps can be made", async () => {
  const { code, out, err } = await qortex(["doctor"]);
  expect(code, err).toBe(0);
  expect(err).toBe("");
  for (const name of ["Qortex", "Node", "CPU", "Memory", "WebAssembly", "WebGPU package", "Adapters"]) {
    expect(out).toMatch(new RegExp(`^(ok|note) +${name} +\\S`, "m"));
  }
});

test("qortex doctor --json prints an object a check", async () => {
  const { code, out } = await qortex(["doctor", "--json"]);
  expect(code).toBe(0);
  const checks = out
    .trim()
    .split("\n")
    .map(
      (line) =>
        JSON.parse(line) as { type: string; name: string; status: string; value: string; fix?: string },
    );
  expect(checks.length).toBeGreaterThan(7);
  for (const { type, status, fix, name } of checks) {
    expect(type).toBe("check");
    expect(fix === undefined, name).toBe(status === "ok");
  }
});
