import { type FileHandle, open, stat } from "node:fs/promises";
import { InputError } from "../errors.ts";
import type { ByteSource } from "../formats/source.ts";

/** A {@link ByteSource} that holds a file open until `close`. */
export interface FileSource extends ByteSource {
  close(): Promise<void>;
}

/** The three files of a PLINK 1 data set. */
export interface PlinkPaths {
  readonly bed: string;
  readonly bim: string;
  readonly fam: string;
}

/** Node reads at most 2 GiB at once. */
const LONGEST_READ = 1 << 30;

/** Genotypes that are not read: how their names end, and plink2's option for them. */
const UNREAD = {
  BCF: { ending: /\.bcf$/i, option: "--bcf" },
  "PLINK 2": { ending: /\.(pgen|pvar|psam)$/i, option: "--pfile" },
  BGEN: { ending: /\.bgen$/i, option: "--bgen" },
} as const;
export type UnreadFormat = keyof typeof UNREAD;

/** What to run for genotypes that are neither PLINK 1 nor VCF. */
export function unreadFormat(path: string, format: UnreadFormat): InputError {
  const { ending, option } = UNREAD[format];
  const from = `${option} ${format === "PLINK 2" ? path.replace(ending, "") : path}`;
  return new InputError(
    path,
    `is ${format}; genotypes are read from PLINK 1 bed/bim/fam or VCF`,
    `convert it: plink2 ${from}${format === "BGEN" ? " ref-first" : ""} --make-bed --out PREFIX`,
  );
}

/** Opens a file for reading. Throws {@link InputError} when it is not there, not ours or not a file. */
export async function fileSource(path: string): Promise<FileSource> {
  const size = await regularSize(path);
  const handle = await open(path, "r").catch((error: unknown) => {
    throw fileError(path, error);
  });
  return {
    name: path,
    size,
    async read(start, end) {
      checkRange(path, size, start, end);
      const bytes = new Uint8Array(end - start);
      await readRange(path, handle, size, start, bytes);
      return bytes;
    },
    async readInto(into, start) {
      checkRange(path, size, start, start + into.length);
      await readRange(path, handle, size, start, into);
    },
    close: () => handle.close(),
  };
}

/**
 * The PLINK 1 files that `path` means: the prefix, or any one of the three.
 * Throws {@link InputError} naming those that are missing.
 */
export async function plinkFiles(path: string): Promise<PlinkPaths> {
  const prefix = path.replace(/\.(bed|bim|fam)$/i, "");
  const ending = prefix === path ? ".bed" : path.slice(prefix.length);
  const like = (name: string): string =>
    `${prefix}.${ending === ending.toUpperCase() ? name.toUpperCase() : name}`;
  const paths = { bed: like("bed"), bim: like("bim"), fam: like("fam") };
  const all = [paths.bed, paths.bim, paths.fam];
  const there = await Promise.all(all.map(exists));
  if (!there.includes(true)) {
    const format = (Object.keys(UNREAD) as UnreadFormat[]).find((name) => UNREAD[name].ending.test(path));
    if (format !== undefined) throw unreadFormat(path, format);
    if (await exists(`${path}.pgen`)) throw unreadFormat(`${path}.pgen`, "PLINK 2");
    for (const other of [`${path}.vcf.gz`, `${path}.vcf`]) {
      if (await exists(other)) throw new InputError(path, "no PLINK files there", `there is a VCF: ${other}`);
    }
    throw new InputError(
      path,
      `no PLINK files there (${all.join(", ")})`,
      "give the prefix of the bed/bim/fam, or the .bed",
    );
  }
  const missing = all.filter((_, i) => !there[i]);
  if (missing.length > 0) {
    throw new InputError(
      path,
      `${missing.join(" and ")} missing beside ${all.filter((_, i) => there[i]).join(" and ")}`,
      "PLINK 1 genotypes are three files of one name: .bed, .bim and .fam",
    );
  }
  return paths;
}

/** {@link plinkFiles}, opened. */
export async function openPlinkFiles(
  path: string,
): Promise<{ bed: FileSource; bim: FileSource; fam: FileSource; close(): Promise<void> }> {
  const paths = await plinkFiles(path);
  const opened: FileSource[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((source) => source.close()));
  };
  const next = async (file: string): Promise<FileSource> => {
    const source = await fileSource(file);
    opened.push(source);
    return source;
  };
  try {
    return { bed: await next(paths.bed), bim: await next(paths.bim), fam: await next(paths.fam), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Looked at before it is opened, since opening a pipe may wait for ever. */
async function regularSize(path: string): Promise<number> {
  const facts = await stat(path).catch((error: unknown) => {
    throw fileError(path, error);
  });
  if (facts.isDirectory()) throw fileError(path, { code: "EISDIR" });
  if (!facts.isFile()) {
    throw new InputError(
      path,
      "is not a regular file (a pipe or a device)",
      "write its content to a file first",
    );
  }
  return facts.size;
}

function checkRange(path: string, size: number, start: number, end: number): void {
  if (!(start >= 0 && start <= end && end <= size)) {
    throw new InputError(path, `bytes ${start}-${end} asked of a file of ${size} bytes`);
  }
}

/** Fills `bytes` from byte `start` of the file on. */
async function readRange(
  path: string,
  handle: FileHandle,
  size: number,
  start: number,
  bytes: Uint8Array,
): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const length = Math.min(LONGEST_READ, bytes.length - done);
    const got = await handle.read(bytes, done, length, start + done).catch((error: unknown) => {
      throw fileError(path, error);
    });
    if (got.bytesRead === 0) {
      throw new InputError(
        path,
        `ended at byte ${start + done}, ${size} expected`,
        "it was cut while being read",
      );
    }
    done += got.bytesRead;
  }
}

/** Whether there is a file. Throws {@link InputError} where that cannot be told. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw fileError(path, error);
  }
}

function fileError(path: string, cause: unknown): InputError {
  const options = { cause };
  switch ((cause as { code?: unknown }).code) {
    case "ENOENT":
    case "ENOTDIR":
      return new InputError(path, "no such file", "check the path", options);
    case "EISDIR":
      return new InputError(path, "is a folder", "give a file", options);
    case "EACCES":
    case "EPERM":
      return new InputError(path, "no permission to read it", "check its access rights", options);
    case "EMFILE":
    case "ENFILE":
      return new InputError(path, "too many files are open", "raise the limit (ulimit -n)", options);
    default: {
      const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
      return new InputError(path, `cannot be read (${why})`, "", options);
    }
  }
}
