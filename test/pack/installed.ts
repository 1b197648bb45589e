/** The package as a consumer has it: packed, and installed from the tarball into an empty folder. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../../", import.meta.url));

/** `npm run` tells its children where the project is; the consumer's npm must not hear of it. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(config_local_prefix|package_|lifecycle_)/.test(name),
  ),
);

/** Runs the npm that runs this test (npm on the PATH when none does). */
export function npm(folder: string, ...words: string[]): string {
  const cli = process.env["npm_execpath"];
  const [command, first] = cli?.endsWith(".js") ? [process.execPath, [cli]] : ["npm", []];
  return execFileSync(command, [...first, ...words], {
    cwd: folder,
    encoding: "utf8",
    env: environment,
    shell: command === "npm" && process.platform === "win32",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

export interface Installed {
  /** The consumer's folder. */
  readonly folder: string;
  /** What the tarball brought: path in the package -> bytes. */
  readonly files: ReadonlyMap<string, number>;
  remove(): void;
}

/** Packs the repository (npm builds it first) and installs the tarball. */
export function install(): Installed {
  const folder = mkdtempSync(join(tmpdir(), "qortex-pack-"));
  npm(repository, "pack", "--loglevel=error", "--pack-destination", folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack wrote no tarball");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  npm(folder, "install", "--loglevel=error", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`);
  return {
    folder,
    files: filesOf(join(folder, "node_modules/qortex")),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function filesOf(folder: string): Map<string, number> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const sizes = names.map((name) => [name.replaceAll("\\", "/"), statSync(join(folder, name))] as const);
  return new Map(sizes.filter(([, stat]) => stat.isFile()).map(([name, stat]) => [name, stat.size]));
}

/** Names of the packages in the consumer's tree, one entry a copy. */
export function copies(folder: string): string[] {
  const lock: { packages: Record<string, unknown> } = JSON.parse(
    readFileSync(join(folder, "package-lock.json"), "utf8"),
  );
  const places = Object.keys(lock.packages).filter((place) => place !== "");
  return places.map((place) => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length));
}
