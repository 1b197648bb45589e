/** What a search for signals starts from, and what it finds. */

import type { TestColumns } from "../refine.ts";
import type { GeneStatus, VariantTable } from "../tables.ts";

/** A gene (or the lead phenotype of a group) whose lead is significant, as the cis map has it. */
export interface LedGene {
  /** Number in the cohort. */
  readonly gene: number;
  readonly leadId: string;
  /** The lead's test; given back as it is where the gene has no other signal. */
  readonly test: SignalTest;
}

/** A signal's test, by the names of tensorQTL's columns. */
export interface SignalTest {
  readonly numVar: number;
  readonly numPerm: number;
  readonly shape1: number;
  readonly shape2: number;
  readonly trueDf: number;
  readonly pTrueDf: number;
  readonly slope: number;
  readonly slopeSe: number;
  readonly p: number;
  readonly log10P: number;
  readonly pPerm: number;
  readonly pBeta: number;
  readonly log10PBeta: number;
}

export interface Signal {
  /** Place in the forward selection, from 1; a signal that the backward pass loses leaves a gap. */
  readonly rank: number;
  /** The gene, or the phenotype of the group whose expression the variant is the best of. */
  readonly gene: number;
  /** The variants of its window that pass the filters, in source order, and the signal's row of them. */
  readonly variants: VariantTable;
  readonly row: number;
  readonly test: SignalTest;
  /** Of each of `variants`, the other signals given; NaN where it is collinear with them and the covariates. */
  readonly conditional: TestColumns;
}

/**
 * `not-converged`: no beta distribution fits some permutations, where the search stopped. `lead-not-tested`: the cis map's lead is not
 * among the variants tested in the window. A gene that is searched keeps at least one signal: the backward pass repeats the last test of the
 * forward selection, the last signal given all before it, to the bit.
 */
export type SignalStatus = GeneStatus | "lead-not-tested";

export interface GeneSignals {
  /** Of a group its lead phenotype in the cis map. */
  readonly gene: number;
  readonly status: SignalStatus;
  /** Signals of the forward selection. */
  readonly forward: number;
  readonly signals: readonly Signal[];
}

/** A gene (or group) that no search was made for. */
export function noSignals(gene: number, status: SignalStatus): GeneSignals {
  return { gene, status, forward: 0, signals: [] };
}
