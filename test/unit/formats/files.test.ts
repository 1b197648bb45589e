import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { blobSource, bytesSource } from "../../../src/formats/source.ts";
import { fileSource, openPlinkFiles, plinkFiles } from "../../../src/node/files.ts";
import { integer, messageOf, random } from "../../helpers/formats.ts";

const folder = mkdtempSync(join(tmpdir(), "qortex-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const put = (name: string, content: string | Uint8Array = "") => {
  writeFileSync(at(name), content);
  return at(name);
};
/** Messages without the temporary folder, and with the same slashes everywhere. */
const failure = async (action: Promise<unknown>) =>
  (await messageOf(action)).replaceAll(folder, "DIR").replaceAll("\\", "/");

describe("byte sources", () => {
  test("of a file, a blob and an array read the same", async () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * 131) & 255);
    const file = await fileSource(put("bytes.bin", bytes));
    const sources = [file, bytesSource(bytes, "bytes"), blobSource(new Blob([bytes]), "blob")];
    const next = random(3);
    for (const source of sources) expect(source.size).toBe(5000);
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const start = integer(next, 0, 5000);
        const end = integer(next, start, 5000);
        for (const source of sources) {
          expect(await source.read(start, end), source.name).toEqual(bytes.slice(start, end));
        }
      }),
    );
    await file.close();
  });

  test("that cannot be opened or read say why", async () => {
    mkdirSync(at("folder"));
    const shrinking = await fileSource(put("shrinking", "0123456789"));
    truncateSync(at("shrinking"), 4);
    expect({
      absent: await failure(fileSource(at("absent.bed"))),
      absentFolder: await failure(fileSource(at("absent/x.bed"))),
      inFile: await failure(fileSource(join(put("file.txt"), "x.bed"))),
      folder: await failure(fileSource(at("folder"))),
      range: await failure(shrinking.read(5, 11)),
      shrunk: await failure(shrinking.read(0, 10)),
    }).toMatchInlineSnapshot(`
      {
        "absent": "DIR/absent.bed: no such file; check the path",
        "absentFolder": "DIR/absent/x.bed: no such file; check the path",
        "folder": "DIR/folder: is a folder; give a file",
        "inFile": "DIR/file.txt/x.bed: no such file; check the path",
        "range": "DIR/shrinking: bytes 5-11 asked of a file of 10 bytes",
        "shrunk": "DIR/shrinking: ended at byte 4, 10 expected; it was cut while being read",
      }
    `);
    await shrinking.close();
  });

  // Windows has neither pipes in folders nor users without rights to ask.
  if (process.platform !== "win32") {
    test("that are pipes say so instead of waiting", async () => {
      execFileSync("mkfifo", [at("pipe")]);
      expect(await failure(fileSource(at("pipe")))).toMatchInlineSnapshot(
        `"DIR/pipe: is not a regular file (a pipe or a device); write its content to a file first"`,
      );
    });

    test("without permission say so", async () => {
      chmodSync(put("secret"), 0);
      // The root user may read everything: be somebody else for a moment.
      const root = process.geteuid?.() === 0;
      if (root) process.seteuid?.(65_534);
      try {
        expect(await failure(fileSource(at("secret")))).toMatchInlineSnapshot(
          `"DIR/secret: no permission to read it; check its access rights"`,
        );
      } finally {
        if (root) process.seteuid?.(0);
      }
    });
  }
});

describe("PLINK files", () => {
  test("are found by prefix or by any of the three", async () => {
    for (const ending of ["bed", "bim", "fam"]) put(`a.b.${ending}`, ending);
    const wanted = { bed: at("a.b.bed"), bim: at("a.b.bim"), fam: at("a.b.fam") };
    for (const path of ["a.b", "a.b.bed", "a.b.bim", "a.b.fam"])
      expect(await plinkFiles(at(path))).toEqual(wanted);
    const files = await openPlinkFiles(at("a.b"));
    expect([files.bed.size, files.bim.name, files.fam.size]).toEqual([3, wanted.bim, 3]);
    await files.close();
    await expect(files.bed.read(0, 1)).rejects.toThrow();
  });

  test("that are not there say which", async () => {
    put("only.bed");
    put("half.bed");
    put("half.bim");
    mkdirSync(at("odd.bim"));
    put("odd.bed");
    put("odd.fam");
    expect({
      none: await failure(plinkFiles(at("absent"))),
      noneByBed: await failure(plinkFiles(at("absent.bed"))),
      two: await failure(plinkFiles(at("only"))),
      one: await failure(plinkFiles(at("half.bed"))),
      bcf: await failure(plinkFiles(put("g.bcf"))),
      pgen: await failure(plinkFiles(put("g.pgen"))),
      bgen: await failure(plinkFiles(put("g.bgen"))),
      folder: await failure(openPlinkFiles(at("odd"))),
    }).toMatchInlineSnapshot(`
      {
        "bcf": "DIR/g.bcf: is BCF; genotypes are read from PLINK 1 bed/bim/fam or VCF; convert it: plink2 --bcf DIR/g.bcf --make-bed --out PREFIX",
        "bgen": "DIR/g.bgen: is BGEN; genotypes are read from PLINK 1 bed/bim/fam or VCF; convert it: plink2 --bgen DIR/g.bgen ref-first --make-bed --out PREFIX",
        "folder": "DIR/odd.bim: is a folder; give a file",
        "none": "DIR/absent: no PLINK files there (DIR/absent.bed, DIR/absent.bim, DIR/absent.fam); give the prefix of the bed/bim/fam, or the .bed",
        "noneByBed": "DIR/absent.bed: no PLINK files there (DIR/absent.bed, DIR/absent.bim, DIR/absent.fam); give the prefix of the bed/bim/fam, or the .bed",
        "one": "DIR/half.bed: DIR/half.fam missing beside DIR/half.bed and DIR/half.bim; PLINK 1 genotypes are three files of one name: .bed, .bim and .fam",
        "pgen": "DIR/g.pgen: is PLINK 2; genotypes are read from PLINK 1 bed/bim/fam or VCF; convert it: plink2 --pfile DIR/g --make-bed --out PREFIX",
        "two": "DIR/only: DIR/only.bim and DIR/only.fam missing beside DIR/only.bed; PLINK 1 genotypes are three files of one name: .bed, .bim and .fam",
      }
    `);
  });
});
