import { withoutVersion } from "../formats/genePlaces.ts";
import { counted, listed } from "../formats/wording.ts";

/** One line on genes that are there in several versions of one Ensembl id, each of which is a gene of its own here; undefined without any. */
export function repeatedVersionsText(ids: readonly string[]): string | undefined {
  const versions = new Map<string, string[]>();
  for (const id of ids) {
    const bare = withoutVersion(id);
    if (bare !== id) versions.set(bare, [...(versions.get(bare) ?? []), id]);
  }
  const repeated = [...versions.values()].filter(({ length }) => length > 1);
  if (repeated.length === 0) return undefined;
  return `${counted(repeated.length, "gene is", "genes are")} there in several versions of the Ensembl id (${listed(repeated.map((own) => own.join(" and ")))}): each version is tested as a gene of its own`;
}
