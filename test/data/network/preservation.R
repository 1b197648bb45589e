# Makes preservation.json beside it: preservation as WGCNA has it (Debian's r-cran-wgcna 1.72-1, R 4.2) on made-up data.
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

permutations <- 300
statistics <- c("propVarExplained", "meanSignAwareKME", "meanSignAwareCorDat", "meanAdj", "cor.kIM", "cor.kME", "cor.cor")

# modulePreservation spends seconds a permutation on tables that are not needed here. So the observed statistics are its own, and the
# permutations call the function that it calls for them, with the genes of the test set in random order, as it has them.
run <- function(type) {
  found <- modulePreservation(
    list(reference = list(data = reference), test = list(data = test)), list(reference = labels),
    networkType = type, nPermutations = 1, randomSeed = 1, quickCor = 0, greyName = 0, goldName = 0.1,
    savePermutedStatistics = FALSE, verbose = 0
  )
  own <- found$preservation$observed[[1]][[2]][as.character(1:3), ]
  names <- paste0(statistics, c(rep(".pres", 4), rep("", 3)))
  observed <- as.matrix(own[, names])
  opt <- list(
    densityOnly = FALSE, calculatePermutation = FALSE, corFnc = "cor", corOptions = "use = 'p'", quickCor = 0,
    nType = charmatch(type, c("unsigned", "signed")), MEgold = "ME0.1", MEgrey = "ME0", calculateClusterCoeff = FALSE
  )
  core <- function(data) {
    x <- WGCNA:::.coreCalcForExpr(reference, data, data, labels, NULL, NULL, NULL, opt)
    cbind(x$proVar[, 2], x$meanSignAwareKME[, 2], x$MeanSignAwareCorDat[, 2], x$MeanAdj[, 2], x$corkIM, x$corkME, x$ICORdat)[-1, ]
  }
  stopifnot(max(abs(core(test) - observed)) < 1e-12)
  random <- replicate(permutations, core(test[, sample(ncol(test))]))
  z <- (observed - apply(random, 1:2, mean)) / apply(random, 1:2, sd)
  density <- apply(z[, 1:4], 1, median)
  connectivity <- apply(z[, 5:7], 1, median)
  print(round(cbind(z, (density + connectivity) / 2), 2))
  list(observed = observed, z = z, summary = cbind((density + connectivity) / 2, density, connectivity))
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
