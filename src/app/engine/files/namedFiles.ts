import type { FileRole, NamedFiles } from "../protocol.ts";
import type { CohortPlan } from "./plan.ts";

/** The files of a cohort by the command line's options: those that the engine opens, and no others. */
export function namedFiles({ plink, vcf, dosages, expression, others }: CohortPlan): NamedFiles {
  const other = (role: FileRole): string | undefined => others.get(role)?.name;
  const genotypes = plink?.bed ?? vcf?.vcf ?? dosages?.matrix;
  return {
    genotypes: genotypes?.name,
    beside: plink === undefined ? indexOf(vcf) : trioOf(plink),
    variantPositions: dosages?.positions.name,
    alleles: dosages?.alleles?.name,
    expression: expression?.name,
    // What has its places already is refused with others.
    genePositions: expression?.facts.placed === true ? undefined : other("gene-positions"),
    annotation: other("annotation"),
    covariates: other("covariates"),
    sex: other("sex"),
  };
}

type Beside = NonNullable<NamedFiles["beside"]>;

/** The three share a prefix, and endings in the same case. */
function trioOf({ bed, bim, fam }: NonNullable<CohortPlan["plink"]>): Beside {
  const prefix = bed.name.replace(/\.bed$/i, "");
  const like = (ending: string): string =>
    `${prefix}.${bed.name.endsWith(".BED") ? ending.toUpperCase() : ending}`;
  return [
    { wanted: like("bed"), name: bed.name },
    { wanted: like("bim"), name: bim.name },
    { wanted: like("fam"), name: fam.name },
  ];
}

function indexOf(vcf: CohortPlan["vcf"]): Beside {
  return vcf?.index === undefined ? [] : [{ wanted: `${vcf.vcf.name}.tbi`, name: vcf.index.name }];
}
