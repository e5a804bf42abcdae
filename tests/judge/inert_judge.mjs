#!/usr/bin/env node
/**
 * Judge whether hostile text in a callout is inert, and still reads as itself.
 *
 *   node inert_judge.mjs CASES.jsonl
 *
 * A case is {raw, note, title, paragraphs}: the note holds one folded callout with
 * that title and those paragraphs, followed by the paragraph LAST. Prints one JSON
 * line {raw, problems} per case that fails. Ends with 1 when there is one.
 */
import fs from "node:fs";
import { JSDOM } from "jsdom";
import { analyse } from "./ofm.mjs";

const LAST = "结尾段落";
const NOTHING = [
  "links", "embeds", "tags", "comments", "math", "html", "images", "blocks",
  "fields", "code", "fences", "headings",
];
const FORMATTING =
  'a:not([href^="http"]), table, ul, ol, h1, h2, h3, h4, h5, h6, hr, ' +
  "del, s, mark, em, strong, code, pre, blockquote, img";

const { document } = new JSDOM("").window;

function judge({ note, title, paragraphs }) {
  const { facts, html } = analyse(note);
  const page = document.createElement("div");
  page.innerHTML = html;
  return [
    ...NOTHING.filter((kind) => facts[kind].length).map(
      (kind) => `${kind}: ${JSON.stringify(facts[kind]).slice(0, 80)}`,
    ),
    ...facts.urls.filter((url) => !/^https?:/i.test(url)).map((url) => `url: ${url}`),
    ...problemsOfShape(facts, page, note),
    ...problemsOfText(page, title, paragraphs),
  ];
}

function problemsOfShape(facts, page, note) {
  const formatted = page.querySelector(FORMATTING);
  const isFolded = facts.callouts.length === 1 && facts.callouts[0].fold === "-";
  const last = page.lastElementChild;
  return [
    facts.footnotes && "footnote",
    facts.tasks && "task",
    formatted && `formatting: ${formatted.outerHTML.slice(0, 80)}`,
    !isFolded && `${facts.callouts.length} callouts instead of one`,
    !(last?.tagName === "P" && last.textContent === LAST) && "swallows what follows",
    /<%|%>/.test(note) && "Templater code",
    /[^\\]::/.test(note) && "Dataview field",
  ].filter(Boolean);
}

function problemsOfText(page, title, paragraphs) {
  const wanted = [title, ...paragraphs].map(plain);
  const read = page.querySelectorAll(".callout-title, .callout-content > p");
  const found = [...read].map((element) => plain(element.textContent));
  const isSame = JSON.stringify(found) === JSON.stringify(wanted);
  return isSame
    ? []
    : [`reads as ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`];
}

/** A link shows its address decoded; that is no change of the text. */
function plain(text) {
  const line = text.replace(/\s+/g, " ").trim();
  try {
    return decodeURI(line);
  } catch {
    return line;
  }
}

let isAllInert = true;
const lines = fs.readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean);
for (const hostile of lines.map((line) => JSON.parse(line))) {
  const problems = judge(hostile);
  if (!problems.length) continue;
  isAllInert = false;
  console.log(JSON.stringify({ raw: hostile.raw, problems }));
}
process.exitCode = isAllInert ? 0 : 1;
