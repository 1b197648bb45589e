"""Small .h5ad files as AnnData writes them: dense, CSR and CSC, of one matrix."""
import anndata, numpy, pandas, scipy.sparse

cells = numpy.random.default_rng(1).integers(-4, 5, size=(5, 7)).astype("float32") / 8
cells[numpy.abs(cells) < 0.3] = 0
obs = pandas.DataFrame(index=[f"S{i}" for i in range(5)])
var = pandas.DataFrame(index=[f"g{i}" for i in range(7)])
for name, x in [("dense", cells), ("csr", scipy.sparse.csr_matrix(cells)), ("csc", scipy.sparse.csc_matrix(cells))]:
    anndata.AnnData(X=x, obs=obs, var=var).write_h5ad(f"test/data/h5ad/{name}.h5ad")
pandas.DataFrame(cells, obs.index, var.index).to_csv("test/data/h5ad/matrix.tsv", sep="\t")
