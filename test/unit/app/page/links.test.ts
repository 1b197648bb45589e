/** No policy of a browser governs where a page goes: that this page goes nowhere is read off its sources. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { repository } from "../../../helpers/shared.ts";

const folder = join(repository, "src/app/page");
const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));

/** Ways to another address: opening one, going to one, and links to anything but a place within this page or a file of its own making. */
const AWAY =
  /window\.open|\bopen\(["'`]|location\.(assign|replace)\(|location(\.href)?\s*=[^=]|\bhref=(?!\{hrefOf\()|\.href\s*=(?!=)(?!\s*(?:URL\.createObjectURL\(|url;))|<form[^>]*\baction=|https?:\/\//;

it("the page opens no other address, and links to none", () => {
  expect(sources.length).toBeGreaterThan(60);
  const found = sources.flatMap(({ name, text }) =>
    text.split("\n").flatMap((line, i) => (AWAY.test(line) ? [`${name}:${i + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});

it.each([
  'window.open("https://a.example/?" + id)',
  "location.href = address",
  "location.assign(address)",
  "<a href={address}>",
  '<a href="https://a.example/">',
])("would find %s", (line) => {
  expect(AWAY.test(line)).toBe(true);
});
