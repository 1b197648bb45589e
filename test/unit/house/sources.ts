import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";

export interface Source {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

export const ROOT = new URL("../../../", import.meta.url);

/** What a build makes (git ignores it); nobody wrote it. */
const GENERATED = new Set([
  ...["src/compute/wasm/generated.ts", "src/compute/webgl/generated.ts", "src/targets/generated.ts"],
]);

/** The TypeScript sources under `folder` (from the root; "" where it is absent gives none). */
export function sourcesUnder(folder: string): Source[] {
  let names: string[];
  try {
    names = readdirSync(new URL(`${folder}/`, ROOT), { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
  return names
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .filter((path) => /\.tsx?$/.test(path) && !path.includes("node_modules/") && !GENERATED.has(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(new URL(path, ROOT), "utf8") }));
}

export function parse(source: Source): ts.SourceFile {
  return ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ES2022, true, kindOf(source.path));
}

function kindOf(path: string): ts.ScriptKind {
  return path.endsWith(".tsx") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
}

/** Calls `visit` for `node` and everything below it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** `path:line` of a node, for messages. */
export function place(file: ts.SourceFile, node: ts.Node, path = file.fileName): string {
  return `${path}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
}
