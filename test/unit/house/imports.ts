import { isBuiltin } from "node:module";
import ts from "typescript";
import { parse, place, type Source, walk } from "./sources.ts";

/**
 * The rooms of the house (folders of `src/`, and the files that gather them into entries), lowest first. A room may import
 * those of lower lines only, so rooms on one line know nothing of each other.
 */
export const ROOMS: readonly (readonly string[])[] = [
  ["compute", "formats", "statistics"],
  ["cohort"],
  ["association"],
  ["meta"],
  ["cells"],
  ["network"],
  ["targets"],
  ["report"],
  ["bench"],
  ["core.ts"],
  ["node", "app"],
  ["cli", "index.ts"],
];

/** The edges: the only rooms that know a platform. `node` and `cli` are Node's, `app` and the entry `index.ts` the page's. */
export const EDGES: readonly string[] = ["node", "cli", "app", "index.ts"];
const NODE_EDGES: readonly string[] = ["node", "cli"];

/** The page and its engine are bundled: what they need beside the package's own dependencies is there when the bundle is made. */
const BUNDLED = ["src/app/page/", "src/app/engine/"];
const BUNDLED_PACKAGES: readonly string[] = ["@preact/signals", "graphology", "igv", "preact", "sigma"];

/** Packages that only work in Node, or only serve the terminal. */
const NODE_PACKAGES: readonly string[] = ["commander", "linkedom", "webgpu"];

interface Import {
  readonly specifier: string;
  readonly where: string;
  /** A type leaves nothing in the JavaScript; `later` is import(); a `url` is `new URL(specifier, import.meta.url)`. */
  readonly form: "value" | "later" | "type" | "url";
}

/** The room of a path, or undefined for `src/errors.ts`, which every room may import and which imports none. */
export function roomOf(path: string): string | undefined {
  if (path === "src/errors.ts") return undefined;
  return path.split("/")[1] ?? path;
}

/** AssemblyScript is another language: its imports have no ending, its globals are its own. */
export function isAssembly(path: string): boolean {
  return path.startsWith("src/compute/wasm/assembly/");
}

/** Every way `sources` break the order of the rooms, one line each. */
export function importViolations(sources: readonly Source[], dependencies: readonly string[]): string[] {
  return sources.flatMap((source) => {
    const room = roomOf(source.path);
    if (room !== undefined && level(room) < 0) return [`${source.path}: no room is called ${room}`];
    return importsOf(source).flatMap(({ specifier, where, form }) => {
      const why = specifier.startsWith(".")
        ? whyNotRoom(source.path, room, specifier, form)
        : whyNotPackage(source.path, room, specifier, dependencies);
      return why === undefined ? [] : [`${where}: ${why}`];
    });
  });
}

/** Files that import each other in a circle (types aside), each circle as one line. */
export function circles(sources: readonly Source[]): string[] {
  const targets = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source)
        .filter(({ specifier, form }) => (form === "value" || form === "later") && specifier.startsWith("."))
        .map(({ specifier }) => resolve(source.path, specifier)),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(" > "));
    if (trail.includes(path) || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}

/** Packages, Node's own aside, that importing the file at `path` loads at once: what import() asks for later is not among them. */
export function loadedWith(path: string, sources: readonly Source[]): Set<string> {
  const files = new Map(sources.map((source) => [source.path, source]));
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    const source = files.get(file);
    if (source === undefined || seen.has(file)) return;
    seen.add(file);
    for (const { specifier, form } of importsOf(source)) {
      if (form !== "value") continue;
      if (specifier.startsWith(".")) visit(resolve(file, specifier));
      else if (!isBuiltin(specifier)) packages.add(packageName(specifier));
    }
  };
  visit(path);
  return packages;
}

/** Names of the packages that `sources` import. */
export function packagesOf(sources: readonly Source[]): Set<string> {
  const specifiers = sources.flatMap(importsOf).map(({ specifier }) => specifier);
  return new Set(specifiers.filter((specifier) => !specifier.startsWith(".")).map(packageName));
}

function whyNotRoom(
  path: string,
  room: string | undefined,
  specifier: string,
  form: Import["form"],
): string | undefined {
  const target = resolve(path, specifier);
  if (target === "package.json" && room !== undefined && NODE_EDGES.includes(room)) return undefined; // the version
  if (!target.startsWith("src/")) return `${specifier} lies outside src/`;
  if (form === "url") return `tsc does not rewrite the URL ${specifier}: the build would lack it`;
  if (!/\.tsx?$/.test(target) && !isAssembly(path)) return `${specifier} lacks its .ts ending`;
  const other = roomOf(target);
  if (other === undefined || other === room) return undefined;
  if (room === undefined) return `src/errors.ts may import nothing, but imports ${target}`;
  if (level(other) >= level(room)) return `${room} may not import ${other} (${target})`;
  if (
    EDGES.includes(room) &&
    EDGES.includes(other) &&
    NODE_EDGES.includes(room) !== NODE_EDGES.includes(other)
  )
    return `${room} may not import ${other} (${target}): they are edges of two platforms`;
  return undefined;
}

function whyNotPackage(
  path: string,
  room: string | undefined,
  specifier: string,
  dependencies: readonly string[],
): string | undefined {
  const name = packageName(specifier);
  const atNodeEdge = room !== undefined && NODE_EDGES.includes(room);
  if (isBuiltin(specifier)) {
    if (!specifier.startsWith("node:")) return `${specifier} is written node:${specifier}`;
    return atNodeEdge ? undefined : `${room ?? "errors.ts"} may not import ${specifier}`;
  }
  if (BUNDLED.some((place) => path.startsWith(place)) && BUNDLED_PACKAGES.includes(name)) return undefined;
  if (!dependencies.includes(name)) return `${name} is not a dependency of package.json`;
  return NODE_PACKAGES.includes(name) && !atNodeEdge ? `${room} may not import ${name}` : undefined;
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function level(room: string): number {
  return ROOMS.findIndex((line) => line.includes(room));
}

/** The path that a relative specifier names, from the root. */
function resolve(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}

/** Imports in every form: statements, re-exports, import(), import types and `new URL(x, import.meta.url)`. */
function importsOf(source: Source): Import[] {
  const file = parse(source);
  const imports: Import[] = [];
  const add = (node: ts.Node | undefined, form: Import["form"]): void => {
    if (node === undefined || !ts.isStringLiteralLike(node)) return;
    imports.push({ specifier: node.text, where: place(file, node), form });
  };
  walk(file, (node) => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.isTypeOnly === true ? "type" : "value");
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? "type" : "value");
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, "type");
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], "later");
    else if (ts.isNewExpression(node) && node.expression.getText(file) === "URL") {
      if (node.arguments?.[1]?.getText(file) === "import.meta.url") add(node.arguments[0], "url");
    }
  });
  return imports;
}
