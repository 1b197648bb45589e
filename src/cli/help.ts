/** What `qortex --help` says. The examples run as they stand in a checkout of the repository. */
export function mainHelp(version: string): string {
  return `qortex ${version}: exact eQTL maps
Tests the variants of a cohort against its genes and writes each effect as a double-precision
number, the same bytes on every machine, however many threads or how little memory it has.

Usage:
  qortex cis   --genotypes <path> --expression <path> [--covariates <path>] --out <dir> [options]
  qortex trans --genotypes <path> --expression <path> [--covariates <path>] --out <dir> [options]
  qortex report <dir>            qortex view <dir>
  qortex bench [--quick] [options]

Commands:
  covariates   what a map is adjusted for: genotype and expression components, titrated
  cis          each gene with the variants near it: every pair, and each gene's lead variant
  trans        each gene with the variants far from it: the pairs whose p passes a limit
  eqts         polygenic scores against every gene's expression
  independent  conditionally independent signals of the genes of a cis map
  finemap      credible sets of each gene (SuSiE), and Bayes factors for colocalisation
  network      gene networks: correlation, modules, co-regulation, gene function, key genes
  merge        the shards of a map (cis or trans with --shard) into one result
  report       report.html of a finished result again, with more rows or the plots of some genes
  view         opens a finished result in the browser, from this machine and for it alone
  doctor       what this machine offers (threads, memory, GPU adapters), and how to fix what fails
  bench        how fast this machine is, CPU beside GPU, on a cohort that it makes up
  help         'qortex help cis' and the like list the options, each with its default

Examples (358 people, chromosome 22; files in the repository):
  qortex cis --genotypes examples/geuvadis-chr22/genotypes \\
    --expression examples/geuvadis-chr22/expression.bed.gz \\
    --covariates examples/geuvadis-chr22/covariates.txt --out chr22-cis

  qortex trans --genotypes examples/geuvadis-chr22/genotypes \\
    --expression examples/geuvadis-chr22/expression.bed.gz \\
    --covariates examples/geuvadis-chr22/covariates.txt --p-value 1e-6 --out chr22-trans

  Narrow windows, common variants, normalised expression, text files:
    qortex cis ... --window 200kb --maf 0.05 --transform inverse-normal --format tsv
  Genes corrected by permutations, and all significant pairs:
    qortex cis ... --permutations 1000 --write-pairs significant
  As QTLtools computes it:
    qortex cis ... --window-anchor body --model qtltools
  A small machine, someone else's work running beside it:
    qortex trans ... --memory 512M --threads 1
  A run that may be stopped, and goes on when it is started again:
    qortex trans ... --resume
  Ten machines, then one result:
    qortex cis ... --shard 3/10 --out shards/3      (each machine another number)
    qortex merge shards/* --out chr22-cis

Files written to --out (Parquet, or .tsv.gz with --format tsv):
  cis_pairs, trans_pairs   a row a pair: variant, gene, slope, standard error, p, allele counts
  cis_genes, trans_genes   a row for every gene of the input: lead variant and q, or why none
  cis_significant          with tests of genes (ACAT aside): pairs that reach their gene's threshold
  cis_sex                  with --sex-stratified: pairs in females, in males, and the difference
  chrx_variants            X outside the pseudo-autosomal regions: genotypes and alleles by sex
  cis_phenotypes           with --groups: a row a phenotype (cis_genes then has a row a group)
  variants_dropped         a row for each variant not tested, and why
  null_sample              about 100,000 tested pairs drawn at random: what lambda and QQ come from
  report.html, *.svg       the map on one page: inputs, Manhattan, QQ, top genes and loci, quality,
                           methods, references (a plot with nothing to show is left out)
  report.data              what 'qortex report' makes the page of again, beside tables and plots
  pairs_untested.tsv       with --pairs: the listed pairs that were not tested, and why
  manifest.json            version, inputs with hashes, options, counts, timings

Units:
  slope          change of expression, in its own units, per copy of effect_allele
  pval_nominal   two-sided; log10_p is its base-10 logarithm, right where p underflows to 0
  af             frequency of effect_allele (A1, the fifth column of the .bim; ALT of a VCF)
  distances      base pairs; 500kb and 1Mb are understood. --memory: 512M, 2G, powers of 1024

The summary goes to standard output, progress and warnings to standard error.
With --json all of it goes to standard output, one object a line, told apart by "type":
  {"type":"status","text":...}  {"type":"message","level":"info"|"warning","text":...}
  {"type":"progress","phase":"reading"|"testing"|"writing","done":...,"total":...}
  {"type":"result","kind":...,"out":...,"seconds":...,"counts":{...},"files":[...],"summary":[...]}
Ctrl-C stops a run cleanly and leaves --out as it was; a second ctrl-C kills it. With --resume what
is done is kept in <out>.parts, however the run ends.

Exit codes:
  0    done
  1    a fault in Qortex (QORTEX_DEBUG=1 shows where)
  2    an option or an input file that cannot be used; --out is as it was
  130  stopped by ctrl-C; --out is as it was

Options:
  -v, --version   print the version
  -h, --help      print this; after a command, its options
`;
}

export const CIS_DESCRIPTION = `Tests each gene with every variant near it and writes every pair, exact. One row more for each gene
of the input: its lead variant with corrected p and q, or the reason why it has none.`;

export const TRANS_DESCRIPTION = `Tests each gene with every variant far from it (another chromosome, or further than --distance) and
writes the pairs that pass --p-value, exact, none missed. Benjamini-Hochberg counts every test made.`;

export const DOCTOR_DESCRIPTION = `Prints what Qortex finds on this machine: versions, threads, memory, WebAssembly, the GPU's loader,
drivers, adapters and limits; and for each thing that fails, what to do. Exits 2 where maps cannot be made.`;

export const BENCH_DESCRIPTION = `Measures how fast Qortex is on this machine, on a cohort made up from --seed. All backends that are
here (WebAssembly on one thread and on all, a hardware GPU) must first agree with plain f64 to the
last bit: if one does not, no time is shown. Then they take turns, forwards and backwards, at the
screen, the f64 refinement, correlation, and whole 'qortex trans' and 'qortex cis'. The result is
Markdown, to be read or pasted as it is; it names versions, CPU, GPU, date and command.`;
