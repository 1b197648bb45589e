import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ROOT } from "./sources.ts";

interface Entry {
  readonly version?: string;
  readonly license?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const json = (name: string) => JSON.parse(readFileSync(new URL(name, ROOT), "utf8"));
const manifest: Entry = json("package.json");
const packages: Readonly<Record<string, Entry>> = json("package-lock.json").packages;
const installed = Object.entries(packages).filter(([place]) => place !== "");

describe("the packages", () => {
  it("are pinned exactly", () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    for (const [name, version] of versions)
      expect(packages[`node_modules/${name}`]?.version, name).toBe(version);
  });

  it("have a lock that npm 11 accepts on every platform: npm run lock completes it", () => {
    const absent = installed.flatMap(([place, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`${place}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages),
      ),
    );
    expect(absent).toEqual([]);
  });

  it("come from whatever registry the user has", () => {
    expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  it("leave consumers free: permissive licences only in what they install", () => {
    const permissive = ["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "Unlicense"];
    const theirs = installed.filter(([, { dev }]) => dev !== true);
    expect(theirs.length).toBeGreaterThan(Object.keys(manifest.dependencies ?? {}).length);
    expect(theirs.filter(([, { license }]) => !permissive.includes(license ?? ""))).toEqual([]);
  });
});
