import { InputError } from "../errors.ts";
import { Leads } from "./leads.ts";
import { appendTables, type MapPart, type PartTable } from "./mapPart.ts";
import { SampleOfMap } from "./nullSample.ts";
import type { GeneStatus, MapResult } from "./tables.ts";

/** What the summary of a map must know beside its parts. */
export interface SummaryFacts {
  readonly geneStatus: readonly GeneStatus[];
  readonly variantsRead: number;
  /** Name of the backend of the run, for the counts. */
  readonly backend: string;
  /** What a job of its own makes of the tables that its parts add. */
  readonly finish?: ((result: MapResult) => MapResult) | undefined;
}

/** The results of a whole map, gathered from its parts in order, wherever they come from. */
export class MapSummary {
  readonly #facts: SummaryFacts;
  readonly #leads: Leads;
  readonly #sample = new SampleOfMap();
  readonly #own = new Map<string, PartTable[]>();
  readonly #dropped = new Map<string, number>();
  readonly #pairsBy = new Map<string, number>();
  readonly #sums = { tests: 0, hits: 0, candidates: 0, pairsScreened: 0, variantsTested: 0, everyGene: 0 };
  #next: { readonly number: number; readonly piece: number };

  /** `first`: the part that it begins with, for a shard. */
  constructor(facts: SummaryFacts, first = 0) {
    this.#facts = facts;
    this.#next = { number: first, piece: 0 };
    this.#leads = new Leads(facts.geneStatus.length);
  }

  /** Throws {@link InputError} for a part that is not the next one. Keeps no view of its numbers. */
  add(part: MapPart): void {
    const { number, piece } = this.#next;
    if (part.number !== number || part.piece !== piece) {
      throw new InputError(`part ${number}`, `is missing: part ${part.number} came in its place`);
    }
    this.#next = part.last ? { number: number + 1, piece: 0 } : { number, piece: piece + 1 };
    for (const status of part.batch.dropped.status) add(this.#dropped, status, 1);
    for (const name of SUMS) this.#sums[name] += part.counts[name];
    for (const [by, pairs] of Object.entries(part.counts.pairsBy)) add(this.#pairsBy, by, pairs);
    const { leads, sample, ...own } = part.tables;
    if (leads !== undefined) this.#leads.merge(leads);
    if (sample !== undefined) this.#sample.merge(sample);
    for (const [name, table] of Object.entries(own)) {
      const known = this.#own.get(name) ?? [];
      known.push(copied(table));
      this.#own.set(name, known);
    }
  }

  result(): MapResult {
    const { geneStatus, variantsRead, backend, finish = (result) => result } = this.#facts;
    const { everyGene, ...counts } = this.#sums;
    const leads = this.#leads.table(geneStatus, everyGene);
    const genes = new Map<string, number>();
    for (const status of leads.status) add(genes, status, 1);
    return finish({
      leads,
      null: this.#sample.result(),
      tables: Object.fromEntries([...this.#own].map(([name, tables]) => [name, appendTables(tables)])),
      counts: {
        ...counts,
        pairsBy: Object.fromEntries(this.#pairsBy),
        backend,
        variantsRead,
        dropped: Object.fromEntries(this.#dropped),
        genes: Object.fromEntries(genes),
      },
    });
  }
}

const SUMS = ["tests", "hits", "candidates", "pairsScreened", "variantsTested", "everyGene"] as const;

function add(sums: Map<string, number>, name: string, value: number): void {
  sums.set(name, (sums.get(name) ?? 0) + value);
}

function copied(table: PartTable): PartTable {
  return Object.fromEntries(Object.entries(table).map(([name, values]) => [name, values.slice()]));
}
