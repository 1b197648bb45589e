import { execFileSync } from "node:child_process";

/** Shaders as the sources have them: writes src/compute/webgpu/generated.ts where it differs. */
export default function build(): void {
  execFileSync("node", ["scripts/build-shaders.mjs"], {
    cwd: new URL("../../", import.meta.url),
    stdio: "inherit",
  });
}
