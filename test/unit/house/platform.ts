import { fileURLToPath } from "node:url";
import ts from "typescript";
import { EDGES, isAssembly, roomOf } from "./imports.ts";
import { place, ROOT, type Source, walk } from "./sources.ts";

/** Globals beyond ECMAScript that Node, pages and workers all have and that mean the same there. */
const UNIVERSAL = new Set([
  ..."AbortController AbortSignal Blob DOMException File TextDecoder TextEncoder URL WebAssembly".split(" "),
  ..."MessageChannel ReadableStream TransformStream WritableStream".split(" "),
  ..."atob btoa clearTimeout crypto performance queueMicrotask setTimeout structuredClone".split(" "),
]);

/** Uses of a platform's globals (`document`, `navigator`, `process`, `console`, ...) outside the edges. */
export function platformViolations(sources: readonly Source[]): string[] {
  const core = sources.filter(({ path }) => !EDGES.includes(roomOf(path) ?? "") && !isAssembly(path));
  const program = programOf(core);
  const checker = program.getTypeChecker();
  return core.flatMap(({ path }) => {
    const file = program.getSourceFile(absolute(path));
    if (file === undefined) throw new Error(`${path} is not in the program`);
    const found: string[] = [];
    walk(file, (node) => {
      if (!ts.isIdentifier(node) || !isGlobalUse(node) || UNIVERSAL.has(node.text)) return;
      const symbol = ts.isShorthandPropertyAssignment(node.parent)
        ? checker.getShorthandAssignmentValueSymbol(node.parent)
        : checker.getSymbolAtLocation(node);
      if (symbol !== undefined && isOfPlatform(program, symbol))
        found.push(`${place(file, node, path)}: ${node.text} is not there on every platform`);
    });
    return found;
  });
}

/** An identifier read as a value on its own, or as `globalThis.name`; not a property, a declaration or a type. */
function isGlobalUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node)
    return parent.expression.getText() === "globalThis";
  if (ts.isQualifiedName(parent) || ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent))
    return false;
  return !ts.isPartOfTypeNode(node);
}

/** Declared by the DOM's or Node's types, and neither by ECMAScript's nor by the project or a package. */
function isOfPlatform(program: ts.Program, symbol: ts.Symbol): boolean {
  const files = (symbol.declarations ?? []).map((declaration) => declaration.getSourceFile());
  return (
    files.length > 0 &&
    files.every(({ fileName }) => /\/lib\.dom[^/]*\.d\.ts$|\/@types\/node\//.test(fileName)) &&
    files.some((file) => program.isSourceFileDefaultLibrary(file) || file.fileName.includes("/@types/node/"))
  );
}

/** A program over `sources` (which need not be on disk) with the project's own settings. */
function programOf(sources: readonly Source[]): ts.Program {
  const config = ts.readConfigFile(absolute("tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    config.config,
    { ...ts.sys, readDirectory: () => [] },
    absolute("."),
  );
  const host = ts.createCompilerHost(options, true);
  const texts = new Map(sources.map(({ path, text }) => [absolute(path), text]));
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  host.getSourceFile = (name, target, ...rest) => {
    const text = texts.get(name);
    return text === undefined
      ? getSourceFile(name, target, ...rest)
      : ts.createSourceFile(name, text, target, true, ts.ScriptKind.TS);
  };
  return ts.createProgram([...texts.keys()], options, host);
}

function absolute(path: string): string {
  return fileURLToPath(new URL(path, ROOT)).replaceAll("\\", "/");
}
