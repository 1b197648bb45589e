import { expect, it } from "vitest";
import { withGiven } from "../../../../src/app/page/filesGiven.ts";

const file = (name: string, text = name, lastModified = 1) => ({
  name,
  file: new File([text], name, { lastModified }),
});

it("adds files in the order they come, whatever their number", () => {
  const before = [file("a.bed"), file("a.bim")];
  const many = Array.from({ length: 200 }, (_, i) => file(`f${i}`));
  const { files, notes } = withGiven(before, many);
  expect(files).toEqual([...before, ...many]);
  expect(notes).toEqual([]);
});

it("leaves the very same file alone, and says so", () => {
  const before = [file("a.bed"), file("a.bim")];
  const { files, notes } = withGiven(before, [file("a.bed")]);
  expect(files.every((each, i) => each === before[i])).toBe(true);
  expect(notes).toEqual(["a.bed is there already."]);
});

it("puts another file of a name in the place of the first, and says so", () => {
  const before = [file("covariates.txt", "old"), file("a.bim")];
  const other = file("covariates.txt", "newer");
  expect(withGiven(before, [other])).toEqual({
    files: [other, before[1]],
    notes: ["covariates.txt took the place of the file of that name."],
  });
  const later = file("covariates.txt", "old", 2);
  expect(withGiven(before, [later]).files[0]).toBe(later);
});

it("says of two files of one name in one drop which is taken", () => {
  const [first, last] = [file("manifest.json", "cis"), file("manifest.json", "trans")];
  expect(withGiven([], [first, last])).toEqual({
    files: [last],
    notes: ["manifest.json was given more than once: the last is taken; rename one to have both."],
  });
  expect(withGiven([], [first, first])).toEqual({ files: [first], notes: [] });
});
