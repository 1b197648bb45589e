/** Genes by their ids, where files differ in Ensembl's versions. */

/** An Ensembl gene id without its version; any other id as it is. */
export function unversioned(id: string): string {
  return id.replace(/^(ENS[A-Z]*G\d{11})\.\d+(_PAR_Y)?$/, "$1$2");
}

/** Finds genes of a list by id: the very id, or else the one gene that has it but for Ensembl's version. */
export class GeneFinder {
  readonly #exact: ReadonlyMap<string, number>;
  /** -1: of several genes. */
  readonly #loose = new Map<string, number>();
  readonly #otherVersion = new Set<string>();

  constructor(ids: readonly string[]) {
    this.#exact = new Map(ids.map((id, gene) => [id, gene]));
    ids.forEach((id, gene) => {
      const plain = unversioned(id);
      this.#loose.set(plain, this.#loose.has(plain) ? -1 : gene);
    });
  }

  /** Number of the gene in the list; undefined where it is not there, or its id fits several. */
  find(id: string): number | undefined {
    const exact = this.#exact.get(id);
    if (exact !== undefined) return exact;
    const gene = this.#loose.get(unversioned(id));
    if (gene === undefined || gene < 0) return undefined;
    this.#otherVersion.add(id);
    return gene;
  }

  /** The ids that were found by another version than their own, or without one. */
  get otherVersion(): readonly string[] {
    return [...this.#otherVersion];
  }
}
