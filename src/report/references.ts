/** Works that a methods text may rest on, each with what it is cited for. */
const WORKS = {
  matrixEqtl:
    "Regression of all pairs as products of matrices: Shabalin AA. Matrix eQTL: ultra fast eQTL analysis via large matrix operations. Bioinformatics 28:1353–1358 (2012).",
  qtltools:
    "QTLtools: Delaneau O, Ongen H, Brown AA, et al. A complete tool set for molecular QTL discovery and analysis. Nature Communications 8:15452 (2017).",
  fastQtl:
    "Permutations with a beta distribution: Ongen H, Buil A, Brown AA, Dermitzakis ET, Delaneau O. Fast and efficient QTL mapper for thousands of molecular phenotypes. Bioinformatics 32:1479–1485 (2016).",
  tensorQtl:
    "tensorQTL: Taylor-Weiner A, Aguet F, Haradhvala NJ, et al. Scaling computational genomics to millions of individuals with GPUs. Genome Biology 20:228 (2019).",
  benjaminiHochberg:
    "False discovery rate: Benjamini Y, Hochberg Y. Controlling the false discovery rate: a practical and powerful approach to multiple testing. Journal of the Royal Statistical Society B 57:289–300 (1995).",
  storey:
    "q-values: Storey JD, Tibshirani R. Statistical significance for genomewide studies. PNAS 100:9440–9445 (2003).",
  acat: "ACAT: Liu Y, Chen S, Li Z, Morrison AC, Boerwinkle E, Lin X. ACAT: a fast and powerful p value combination method for rare-variant analysis in sequencing studies. American Journal of Human Genetics 104:410–421 (2019).",
  eigenMt:
    "eigenMT: Davis JR, Fresard L, Knowles DA, et al. An efficient multiple-testing adjustment for eQTL studies that accounts for linkage disequilibrium between variants. American Journal of Human Genetics 98:216–224 (2016).",
  lambda:
    "Genomic inflation: Devlin B, Roeder K. Genomic control for association studies. Biometrics 55:997–1004 (1999).",
  hardyWeinberg:
    "Exact test of Hardy-Weinberg equilibrium: Wigginton JE, Cutler DJ, Abecasis GR. A note on exact tests of Hardy-Weinberg equilibrium. American Journal of Human Genetics 76:887–893 (2005).",
  crossMapping:
    "Cross-mapping: Saha A, Battle A. False positives in trans-eQTL and co-expression analyses arising from RNA-sequencing alignment errors. F1000Research 7:1860 (2018).",
  mixedModel:
    "Related samples: Kang HM, Sul JH, Service SK, et al. Variance component model to account for sample structure in genome-wide association studies. Nature Genetics 42:348–354 (2010).",
  hc3: "HC3: MacKinnon JG, White H. Some heteroskedasticity-consistent covariance matrix estimators with improved finite sample properties. Journal of Econometrics 29:305–325 (1985).",
  bellMcCaffrey:
    "Degrees of freedom of HC3: Bell RM, McCaffrey DF. Bias reduction in standard errors for linear regression with multi-stage samples. Survey Methodology 28:169–181 (2002).",
  susie:
    "SuSiE: Wang G, Sarkar A, Carbonetto P, Stephens M. A simple new approach to variable selection in regression, with application to genetic fine mapping. Journal of the Royal Statistical Society B 82:1273–1300 (2020).",
  susieRss:
    "SuSiE from summary statistics: Zou Y, Carbonetto P, Wang G, Stephens M. Fine-mapping from summary data with the “Sum of Single Effects” model. PLoS Genetics 18:e1010299 (2022).",
  polygenicScores:
    "eQTS: Võsa U, Claringbould A, Westra HJ, et al. Large-scale cis- and trans-eQTL analyses identify thousands of genetic loci and polygenic scores that regulate blood gene expression. Nature Genetics 53:1300–1310 (2021).",
  plink:
    "Pruning by linkage disequilibrium: Chang CC, Chow CC, Tellier LC, Vattikuti S, Purcell SM, Lee JJ. Second-generation PLINK: rising to the challenge of larger and richer datasets. GigaScience 4:7 (2015).",
  wgcna:
    "WGCNA: Langfelder P, Horvath S. WGCNA: an R package for weighted correlation network analysis. BMC Bioinformatics 9:559 (2008).",
  softThreshold:
    "Soft threshold and topological overlap: Zhang B, Horvath S. A general framework for weighted gene co-expression network analysis. Statistical Applications in Genetics and Molecular Biology 4:17 (2005).",
  treeCut:
    "Dynamic tree cut: Langfelder P, Zhang B, Horvath S. Defining clusters from a hierarchical cluster tree: the Dynamic Tree Cut package for R. Bioinformatics 24:719–720 (2008).",
  preservation:
    "Module preservation: Langfelder P, Luo R, Oldham MC, Horvath S. Is my network module preserved and reproducible? PLoS Computational Biology 7:e1001057 (2011).",
  biweight:
    "Biweight midcorrelation: Langfelder P, Horvath S. Fast R functions for robust correlations and hierarchical clustering. Journal of Statistical Software 46(11) (2012).",
  leiden:
    "Leiden: Traag VA, Waltman L, van Eck NJ. From Louvain to Leiden: guaranteeing well-connected communities. Scientific Reports 9:5233 (2019).",
  pageRank:
    "PageRank: Brin S, Page L. The anatomy of a large-scale hypertextual web search engine. Computer Networks and ISDN Systems 30:107–117 (1998).",
  geneNetwork:
    "Components of expression and gene function: Fehrmann RSN, Karjalainen JM, Krajewska M, et al. Gene expression analysis identifies global gene dosage sensitivity in cancer. Nature Genetics 47:115–125 (2015).",
  gado: "Prediction of gene function: Deelen P, van Dam S, Herkert JC, et al. Improving the diagnostic yield of exome-sequencing by predicting gene–phenotype associations using large-scale gene expression analysis. Nature Communications 10:2837 (2019).",
  gsea: "Gene set enrichment: Subramanian A, Tamayo P, Mootha VK, et al. Gene set enrichment analysis: a knowledge-based approach for interpreting genome-wide expression profiles. PNAS 102:15545–15550 (2005).",
  pascal:
    "p of genes from summary statistics: Lamparter D, Marbach D, Rueedi R, Kutalik Z, Bergmann S. Fast and rigorous computation of gene and pathway scores from SNP-based summary statistics. PLoS Computational Biology 12:e1004714 (2016).",
} as const;

export type Work = keyof typeof WORKS;

/** The works named, in that order, each once; `undefined` and `false` are passed over. */
export function references(...works: readonly (Work | false | undefined)[]): string[] {
  const named = works.filter((work): work is Work => work !== false && work !== undefined);
  return [...new Set(named)].map((work) => WORKS[work]);
}
