import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/** The WASM kernels and their worker are generated: make them if `npm ci` was told not to run scripts. */
export default function build(): void {
  if (!existsSync(new URL("../../src/compute/wasm/generated.ts", import.meta.url))) {
    execFileSync("node", ["scripts/build-kernels.mjs"], { stdio: "inherit" });
  }
}
