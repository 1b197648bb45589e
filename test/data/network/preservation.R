# Makes preservation.json beside it: modulePreservation of WGCNA (Debian's r-cran-wgcna 1.72-1, R 4.2) on made-up data.
#
#   Rscript test/data/network/preservation.R test/data/network/preservation.json
suppressMessages(library(WGCNA))

set.seed(7)
sizes <- c(25, 20, 15, 40)
genes <- paste0("g", seq_len(sum(sizes)))
labels <- rep(c(1, 2, 3, 0), sizes)

# Module 1 has genes of either sign and is in both sets, 2 in the reference alone, 3 fainter in the test set.
made <- function(samples, strength) {
  factors <- matrix(rnorm(3 * samples), samples)
  loading <- runif(length(genes), 0.5, 1.5)
  sign <- ifelse(labels == 1 & seq_along(genes) %% 5 == 0, -1, 1)
  expr <- sapply(seq_along(genes), function(g) {
    own <- if (labels[g] == 0) 0 else strength[labels[g]] * loading[g] * sign[g]
    rnorm(samples) + (if (labels[g] == 0) 0 else own * factors[, labels[g]])
  })
  colnames(expr) <- genes
  round(expr, 3)
}
reference <- made(40, c(1.2, 1, 1))
test <- made(30, c(1, 0, 0.5))

permutations <- 80
run <- function(type) {
  found <- modulePreservation(
    list(reference = list(data = reference), test = list(data = test)), list(reference = labels),
    networkType = type, nPermutations = permutations, randomSeed = 1, quickCor = 0, greyName = 0, goldName = 0.1,
    savePermutedStatistics = FALSE, verbose = 0
  )
  at <- as.character(1:3)
  observed <- found$preservation$observed[[1]][[2]][at, ]
  z <- found$preservation$Z[[1]][[2]][at, ]
  # In the order of PRESERVATION_STATISTICS (src/network/preservation.ts).
  names <- c("propVarExplained", "meanSignAwareKME", "meanSignAwareCorDat", "meanAdj", "cor.kIM", "cor.kME", "cor.cor")
  zNames <- c("Zsummary.pres", "Zdensity.pres", "Zconnectivity.pres")
  print(round(z, 2))
  list(
    observed = observed[, paste0(names, ifelse(names %in% c("propVarExplained", "meanSignAwareKME", "meanSignAwareCorDat", "meanAdj"), ".pres", ""))],
    z = z[, paste0("Z.", names, ifelse(names %in% c("propVarExplained", "meanSignAwareKME", "meanSignAwareCorDat", "meanAdj"), ".pres", ""))],
    summary = z[, zNames]
  )
}
json <- function(x) {
  if (is.data.frame(x)) x <- as.matrix(x)
  if (is.matrix(x)) return(paste0("[", paste(apply(x, 1, json), collapse = ",\n"), "]"))
  if (is.list(x)) return(paste0("{", paste0("\"", names(x), "\":", sapply(x, json), collapse = ",\n"), "}"))
  if (is.character(x)) return(paste0("[", paste0("\"", x, "\"", collapse = ","), "]"))
  paste0("[", paste(vapply(x, function(v) formatC(v, digits = 15, format = "g"), ""), collapse = ","), "]")
}
out <- list(
  genes = genes, labels = labels, permutations = permutations, reference = t(reference), test = t(test),
  unsigned = run("unsigned"), signed = run("signed")
)
writeLines(json(out), commandArgs(TRUE)[1])
