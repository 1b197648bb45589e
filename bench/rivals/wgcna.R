# Modules by WGCNA as bench/modules.ts times them: Rscript wgcna.R EXPRESSION POWER. Prints the processor seconds of blockwiseModules alone.
suppressMessages(library(WGCNA))
arguments <- commandArgs(trailingOnly = TRUE)
x <- t(as.matrix(read.table(arguments[1], header = TRUE, row.names = 1, check.names = FALSE)))
time <- system.time(
  modules <- blockwiseModules(x, power = as.numeric(arguments[2]), maxBlockSize = ncol(x), numericLabels = TRUE, verbose = 0)
)
cat(as.character(packageVersion("WGCNA")), time[["user.self"]] + time[["sys.self"]], max(modules$colors), "\n")
