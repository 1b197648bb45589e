import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkText } from "../../../src/cli/doctor.ts";
import { nodeCheck, temporaryCheck, vulkanChecks } from "../../../src/node/doctor.ts";
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

test("a Vulkan that the environment breaks comes with its fix", () => {
  const folder = mkdtempSync(join(tmpdir(), "qortex-doctor-"));
  const put = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  put("libvulkan.so.1", "no library");
  put("driver.so", "\x7fELF...");
  const icd = (library: string) => JSON.stringify({ ICD: { library_path: library } });
  const good = [put("good.json", icd("./driver.so")), put("system.json", icd("libvulkan_of_a_vendor.so"))];
  const checked = (environment: Record<string, string>) =>
    [...vulkanChecks(environment)].map((check) => checkText(check).replaceAll(folder, "DIR"));
  try {
    const broken = { LD_LIBRARY_PATH: `:${folder}`, VK_DRIVER_FILES: [...good, "/no/such.json"].join(":") };
    expect(checked(broken).join("")).toMatchInlineSnapshot(`
      "note  Vulkan loader     DIR/libvulkan.so.1 is not a library
                              fix: install it again, or take its folder out of LD_LIBRARY_PATH
      note  Vulkan drivers    /no/such.json is not there
                              fix: unset the environment variable VK_DRIVER_FILES, or correct it
      "
    `);
    const library = put("bad.json", icd("/no/driver.so"));
    expect(checked({ VK_ICD_FILENAMES: library })[1]).toMatchInlineSnapshot(`
      "note  Vulkan drivers    DIR/bad.json names /no/driver.so, which is not a library
                              fix: unset the environment variable VK_ICD_FILENAMES, or correct it
      "
    `);
    expect(checked({ VK_ICD_FILENAMES: put("none.json", "{}") })[1]).toContain(
      "DIR/none.json names no library",
    );
    // Empty is as if it were not set, and the older name is for those who lack the newer.
    expect(checked({ VK_DRIVER_FILES: "", VK_ICD_FILENAMES: good.join(":") })[1]).toBe(
      "ok    Vulkan drivers    DIR/good.json, DIR/system.json\n",
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
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
