import { InputError } from "../errors.ts";
import type { RelatednessSources } from "../formats/relatedness.ts";
import { exists, type FileSource, fileSource } from "./files.ts";

/** The files that `path` means, by role: GCTA's matrix, sparse or binary, with its ids (their prefix, or the matrix itself); else a text. */
export async function relatednessFiles(path: string): Promise<Record<string, string>> {
  const prefix = path.replace(/\.grm\.(sp|bin|id|N\.bin)$/, "");
  const found = prefix === path ? !(await exists(path)) : true;
  if (!found) return { relatedness: path };
  const ids = `${prefix}.grm.id`;
  const wanted = path.endsWith(".grm.bin") ? ["bin"] : path.endsWith(".grm.sp") ? ["sp"] : ["sp", "bin"];
  const there: string[] = [];
  for (const kind of wanted) if (await exists(`${prefix}.grm.${kind}`)) there.push(kind);
  if (there.length === 2) {
    throw new InputError(
      path,
      "is a sparse matrix (.grm.sp) and a binary one (.grm.bin)",
      "give one of the two files",
    );
  }
  const [kind] = there;
  if (kind === undefined) {
    throw new InputError(
      path,
      `no such file, and no ${prefix}.grm.sp or ${prefix}.grm.bin`,
      "give a list of relatives, or the prefix of GCTA's files",
    );
  }
  if (!(await exists(ids))) {
    throw new InputError(
      ids,
      `no such file beside ${prefix}.grm.${kind}`,
      "GCTA writes the sample ids there",
    );
  }
  return {
    [kind === "sp" ? "relatedness sparse" : "relatedness binary"]: `${prefix}.grm.${kind}`,
    "relatedness ids": ids,
  };
}

/** {@link relatednessFiles}, opened by `open`. */
export async function openRelatedness(
  path: string,
  open: (path: string) => Promise<FileSource> = fileSource,
): Promise<RelatednessSources> {
  const files = await relatednessFiles(path);
  const text = files["relatedness"];
  if (text !== undefined) return { text: await open(text) };
  const ids = await open(files["relatedness ids"]!);
  const sparse = files["relatedness sparse"];
  if (sparse !== undefined) return { sparse: await open(sparse), ids };
  return { binary: await open(files["relatedness binary"]!), ids };
}
