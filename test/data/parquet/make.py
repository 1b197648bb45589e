"""One small expression matrix in Parquet, as pandas (by pyarrow and by fastparquet) and polars write it."""
import pandas
import polars

cells = {"S1": [1.5, -0.1, 3e-9, 7.0], "S2": [4.0, 5.25, 6.0, 1 / 3]}
matrix = pandas.DataFrame(cells, index=pandas.Index(["g1", "g2", "g3", "g4"], name="gene_id"))
matrix.to_parquet("test/data/parquet/index.parquet", compression="zstd")
matrix.rename_axis(None).to_parquet("test/data/parquet/unnamed-index.parquet", row_group_size=3, data_page_version="2.0")
matrix.astype("Float64").to_parquet("test/data/parquet/nullable.parquet", compression="gzip")
matrix.to_parquet("test/data/parquet/fastparquet.parquet", engine="fastparquet")
bed = matrix.reset_index()
bed.insert(0, "chr", pandas.Categorical(["1", "1", "2", "X"]))
bed.insert(1, "start", [9, 19, 29, 39])
bed.insert(2, "end", [10, 20, 30, 40])
bed.to_parquet("test/data/parquet/bed.parquet", compression="brotli")
polars.from_pandas(matrix.reset_index()).write_parquet("test/data/parquet/polars.parquet")
