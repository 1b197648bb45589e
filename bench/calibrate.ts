/**
 * How often maps of shuffled genotypes call a gene: donors' genotypes are shuffled, expression and covariates kept together, so
 * that nothing is associated and every gene called is a false one. Seeds are fixed: a shuffle is a function of its number.
 *   npm run calibrate -- [--shuffles 100] [--permutations 1000] [--from 0] [--transform inverse-normal]
 *     [--least 100]     adaptive permutations, so many at least
 *     [--groups 4]      so many neighbours of the expression file tested together
 *     [--donors 90]     so many of the donors, drawn anew for each shuffle
 *     [--test acat]     without permutations (acat, eigenmt, bonferroni); trans: the pairs of a trans map
 * With --chrx 1 instead cohorts made up, both sexes, X outside the pseudo-autosomal regions, expression drawn anew each time: mean and
 * deviation in males differ from females' by --shift and --deviation. --told 0: permuted as if nobody's sex were known.
 *   npm run calibrate -- --chrx 1 [--deviation 1.25] [--shift 0.5] [--told 1] [--samples 300] [--males 0.5] [--genes 50] [--variants 100]
 * With --interaction instead pairs of g x context called by OLS and by HC3, with the first so many covariates.
 *   npm run calibrate -- --interaction [--shuffles 3] [--context expression_PC1] [--covariates 52]
 */

if (process.argv.includes("--interaction")) await import("./calibrateInteraction.ts");
else await import("./calibrateGenes.ts");
