import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const shared = { pool: "forks" as const, testTimeout: 120_000, hookTimeout: 300_000 };

/** Where .ci/run wants the counts of this run, beside what the terminal shows. */
const report = process.env["TEST_REPORT"];

export default defineConfig({
  test: {
    // Two files at once even on two cores: the browser's wait for Chromium.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    ...(report === undefined ? {} : { reporters: ["default", "json"], outputFile: { json: report } }),
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          globalSetup: ["test/setup/build.ts", "test/setup/shaders.ts", "test/setup/swiftshader.ts"],
        },
      },
      {
        test: {
          ...shared,
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          globalSetup: ["test/setup/build.ts", "test/setup/shaders.ts", "test/setup/webgl.ts"],
        },
      },
      { test: { ...shared, name: "pack", include: ["test/pack/**/*.test.ts"] } },
      {
        test: {
          ...shared,
          name: "extended",
          include: ["test/extended/**/*.test.ts"],
          globalSetup: [
            "test/setup/build.ts",
            "test/setup/shaders.ts",
            "test/setup/webgl.ts",
            "test/setup/swiftshader.ts",
          ],
          testTimeout: 600_000,
        },
      },
    ],
  },
});
