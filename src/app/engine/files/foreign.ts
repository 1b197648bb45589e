/** Formats that are not read here: what they are, and what to do instead. Told by the first bytes of a file (unpacked), then by its name. */

const ascii = (value: string): number[] => Array.from(value, (letter) => letter.charCodeAt(0));

const SPREADSHEET = "is a spreadsheet (.xlsx); save it as tab-separated text";
const ZIP = "PK\u0003\u0004";

const MAGIC: readonly (readonly [magic: readonly number[], problem: string])[] = [
  [[0x89, ...ascii("HDF")], "is HDF5 (.h5ad), which a browser does not read; write it as Parquet or text"],
  [[0x28, 0xb5, 0x2f, 0xfd], "is packed with zstd; unpack it, or pack it with gzip or bgzip"],
  [ascii("BZh"), "is packed with bzip2; unpack it, or pack it with gzip or bgzip"],
  [[0xfd, ...ascii("7zXZ")], "is packed with xz; unpack it, or pack it with gzip or bgzip"],
  [[0x1f, 0x8b], "is packed twice; unpack it once"],
  [ascii(ZIP), "is a zip archive; unpack it and drop the files that are in it"],
  [[0xd0, 0xcf, 0x11, 0xe0], "is a spreadsheet (.xls); save it as tab-separated text"],
  [ascii("BCF"), "is BCF; write it as VCF: bcftools view -O z -o out.vcf.gz"],
  [ascii("BAM\u0001"), "is BAM: reads, of which nothing is mapped here; give genotypes called from them"],
  [ascii("CRAM"), "is CRAM: reads, of which nothing is mapped here; give genotypes called from them"],
  [ascii("bgen"), "is BGEN; convert it: plink2 --bgen FILE ref-first --make-bed"],
  [ascii("RDX"), "is R data; write it as a text table: write.table(x, sep = '\\t', quote = FALSE)"],
  [ascii("X\n\0"), "is an R object; write it as a text table: write.table(x, sep = '\\t', quote = FALSE)"],
  [[0x93, ...ascii("NUMPY")], "is a NumPy array; write it as text, with the ids of rows and samples"],
  [ascii("ARROW1"), "is Arrow; write it as Parquet"],
  [ascii("%PDF"), "is a PDF; give the table that is in it as text"],
  [[0xff, 0xfe], "is text in UTF-16 ('Unicode text' of a spreadsheet); save it as UTF-8"],
  [[0xfe, 0xff], "is text in UTF-16 ('Unicode text' of a spreadsheet); save it as UTF-8"],
];

const BGEN_AT = 16;
const TAR_AT = 257;

const NAMES: readonly (readonly [name: RegExp, problem: string])[] = [
  [/\.pgen$/i, "is PLINK 2's .pgen; write .bed, .bim and .fam: plink2 --pfile PREFIX --make-bed"],
  [/\.bgen$/i, "is BGEN; convert it: plink2 --bgen FILE ref-first --make-bed"],
  [/\.ped$/i, "is PLINK's text format (.ped); write .bed, .bim and .fam: plink --file PREFIX --make-bed"],
  [/\.(rds|rdata|rda)$/i, "is an R object; write it as a text table"],
  [/\.xlsx?$/i, "is a spreadsheet; save it as tab-separated text"],
];

/** What is wrong with a file of that beginning, one line and what to do; undefined for none of those formats. */
export function foreignFormat(bytes: Uint8Array, name: string): string | undefined {
  const at = (start: number, magic: readonly number[]): boolean =>
    bytes.length >= start + magic.length && magic.every((byte, i) => bytes[start + i] === byte);
  // An Excel file is a zip archive that begins with the list of its parts.
  if (at(0, ascii(ZIP)) && (/\.xlsx$/i.test(name) || at(30, ascii("[Content_Types].xml"))))
    return SPREADSHEET;
  if (at(TAR_AT, ascii("ustar"))) return "is a tar archive; unpack it and drop the files that are in it";
  if (at(BGEN_AT, ascii("bgen"))) return "is BGEN; convert it: plink2 --bgen FILE ref-first --make-bed";
  return MAGIC.find(([magic]) => at(0, magic))?.[1] ?? NAMES.find(([pattern]) => pattern.test(name))?.[1];
}

/** The same of a text, by its first lines cut into cells. */
export function foreignText(rows: readonly (readonly string[])[]): string | undefined {
  const header = rows[0] ?? [];
  const begins = (...names: string[]): boolean => names.every((name, i) => header[i]?.toUpperCase() === name);
  if (begins("#CHROM", "POS", "ID", "REF", "ALT") && !header.includes("INFO"))
    return "is PLINK 2's .pvar; write .bed, .bim and .fam: plink2 --pfile PREFIX --make-bed";
  if (begins("FID", "IID", "PAT", "MAT", "SEX", "PHENOTYPE") && header.length > 6)
    return "is PLINK's .raw (genotypes as text, samples down); write .bed, .bim and .fam: plink2 --make-bed";
  if (/^#1\.[23]$/.test(header[0] ?? ""))
    return "is GCT; leave out its first two lines and the column Description";
  if (header.every((cell) => cell.includes(";")) && rows.every((row) => row.join("").split(";").length > 2))
    return "has semicolons between its cells; save it with tabs";
  if (header[0]?.startsWith(">") === true) return "is FASTA: sequences, of which nothing is read here";
  return undefined;
}
