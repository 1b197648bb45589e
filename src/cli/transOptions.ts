import type { Command } from "commander";
import { group, type MapOptions } from "./options.ts";
import { basePairs, numberIn } from "./values.ts";

/** What `qortex trans` is asked for beside which pairs to test. */
export interface TransExtras {
  readonly permutations: number;
  readonly locusDistance: number;
  readonly crossMapping?: string;
  readonly regressCis?: string;
  readonly crossMappingDistance: number;
  readonly crossMappingThreshold?: number;
}

export interface TransOptions extends MapOptions, TransExtras {
  readonly pValue: number;
  readonly distance: number;
  readonly allPairs: boolean;
}

export function addTransOptions(command: Command): void {
  const add = group(command, "Pairs:");
  add("--p-value <p>", "largest p that is written", {
    parse: numberIn({ min: 0, max: 1, aboveMin: true }),
    initial: 1e-5,
    initialText: "1e-5",
  });
  add("--distance <bp>", "test pairs on one chromosome only when they are further apart than this", {
    parse: basePairs,
    initial: 5_000_000,
    initialText: "5Mb",
  });
  add("--all-pairs", "test near pairs too, cis and trans together; --distance is then not used");
  add(
    "--cross-mapping <path>",
    "do not test pairs that cross-map: gene1 gene2 score (the trans gene with any gene near the variant), or with a header chromosome start end gene fraction, or variant_id gene fraction",
  );
  add("--cross-mapping-distance <bp>", "variants this near a gene are taken for it", {
    parse: basePairs,
    initial: 1_000_000,
    initialText: "1Mb",
  });
  add(
    "--cross-mapping-threshold <x>",
    "least score or fraction that counts (else: any score above 0, fractions from 0.05)",
    {
      parse: numberIn({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    },
  );
  add(
    "--regress-cis <path>",
    "take each gene's lead cis variants out of both sides: a result of 'qortex cis' (its genes with q <= 0.05), or a table of phenotype_id and variant_id",
  );
  addPermutations(command);
}

function addPermutations(command: Command): void {
  const add = group(command, "Permutations:");
  add(
    "--permutations <n>",
    "do the map again with the donors permuted, n times (10 is usual), for false discovery rates of pairs, genes and loci",
    { parse: numberIn({ min: 0, max: 100_000, integer: true }), initial: 0, initialText: "0, none" },
  );
  add("--locus-distance <bp>", "a gene's hits are one locus while each is within this of the one before", {
    parse: basePairs,
    initial: 1_000_000,
    initialText: "1Mb",
  });
}
