#!/usr/bin/env node
/**
 * Judge whether hostile text in whole notes is inert, and still reads as itself.
 *
 *   node inert_judge.mjs < CASES.jsonl
 *
 * A case is {raw, note, tame, texts}: `tame` is the note of a harmless twin, with a
 * token in place of each text, and `texts` tells what a reader shall see for each.
 * What Obsidian would make of both notes has to be the same, but for the texts, and
 * for addresses in them: those may be clicked. In properties and in the words of a
 * wikilink, which know no escapes, a sign may be replaced by its full-width form.
 *
 * Prints one JSON line {raw, problems} per case that fails. Ends with 1 when there
 * is one.
 */
import readline from "node:readline";
import { analyse } from "./ofm.mjs";

const NEVER = [
  "comments", "math", "html", "images", "blocks", "fields", "footnotes", "tasks",
  "yamlErrors",
];
const TOKEN = /(?:https:\/\/t\.example\/)?z\d+#?z/g;

function judge({ note, tame, texts }) {
  const found = analyse(note);
  const wanted = analyse(tame);
  const put = (text) => text.replace(TOKEN, (token) => texts[token] ?? token);
  const putHtml = (text) =>
    text.replace(TOKEN, (token) => escapeHtml(texts[token] ?? token));
  return [
    ...acting(found.facts, note),
    ...difference("blocks", skeleton(found.facts), skeleton(wanted.facts)),
    ...difference("links", links(found.facts), links(wanted.facts, put)),
    ...difference(
      "properties",
      values(found.facts.properties),
      values(wanted.facts.properties, put),
    ),
    ...difference("page", page(found.html), page(putHtml(wanted.html))),
  ];
}

// ---- what may never be there -------------------------------------------------

function acting(facts, note) {
  const body = note.replace(/^---\n[\s\S]*?\n---\n/, "");
  return [
    ...NEVER.filter((kind) => facts[kind].length ?? facts[kind]).map(
      (kind) => `${kind}: ${JSON.stringify(facts[kind]).slice(0, 80)}`,
    ),
    ...facts.urls.filter((url) => !/^https?:\/\//i.test(url)).map((url) => `url: ${url}`),
    ...Object.values(facts.properties ?? {})
      .flat()
      .filter((value) => /^(?!https?:)[a-z][a-z0-9+.-]*:\/\/|^(javascript|mailto):/i.test(value))
      .map((value) => `address in a property: ${value}`),
    /<%|%>/.test(note) && "Templater code",
    /::/.test(body) && "Dataview field",
    /[\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\0]/.test(note) && "hidden signs",
  ].filter(Boolean);
}

// ---- what has to be the same, and is compared as lists of strings ------------

function skeleton(facts) {
  return [
    ...facts.callouts.map(({ type, fold, level }) => `callout ${type} ${fold} ${level}`),
    ...facts.headings.map(({ level }) => `heading ${level}`),
    ...facts.fences.map((language) => `fence ${language}`),
    ...facts.mermaid.map(
      ({ source, closed }) => `mermaid ${source.split("\n").length} ${closed}`,
    ),
    `code ${facts.code.length}`,
    ...facts.allTags,
    ...facts.tags,
  ];
}

function links(facts, put = (text) => text) {
  const show = (kind, { key, link, display, markdown }) =>
    [kind, key, folded(put(link)), folded(put(display ?? "")), markdown].join(" | ");
  return [
    ...facts.links.map((link) => show("link", link)),
    ...facts.embeds.map((link) => show("embed", link)),
    ...facts.frontmatterLinks.map((link) => show("property", link)),
  ];
}

function values(properties, put = (text) => text) {
  return Object.entries(properties ?? {}).flatMap(([name, value]) =>
    [value].flat().map((each) => [name, folded(put(String(each)))]),
  );
}

/** Each piece of the page on its own; addresses in text are text. */
function page(html) {
  return html
    .replace(/<pre><code class="language-mermaid">[\s\S]*?<\/code><\/pre>/g, "<pre>")
    .replace(/<a class="internal-link">([\s\S]*?)<\/a>/g, (_, words) =>
      `<a class="internal-link">${escapeHtml(folded(unescapeHtml(words)))}`)
    .replace(/<a href="https?:[^"]*">|<\/a>/gi, "")
    .split(/(?=<)|(?<=>)/)
    .map((piece) => decoded(piece).replace(/\s+/g, " ").trim())
    .filter(Boolean);
}

/** Signs of full width and those that they stand for are alike. */
const folded = (text) => text.normalize("NFKC").replace(/\s+/g, " ").trim();

/** A link shows its address decoded; that is no change of the text. */
function decoded(text) {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    const bytes = run.slice(1).split("%").map((byte) => parseInt(byte, 16));
    return new TextDecoder().decode(Uint8Array.from(bytes));
  });
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escapeHtml = (text) => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign]);
const unescapeHtml = (text) =>
  text.replace(/&(?:amp|lt|gt|quot);/g, (entity) =>
    Object.keys(ENTITIES).find((sign) => ENTITIES[sign] === entity));

function difference(what, found, wanted) {
  const [ours, theirs] = [found, wanted].map((list) => list.map(String));
  const at = ours.findIndex((each, i) => each !== theirs[i]);
  if (at < 0 && ours.length === theirs.length) return [];
  const place = at < 0 ? ours.length : at;
  const [here, there] = [ours[place] ?? "nothing", theirs[place] ?? "nothing"];
  const first = [...here].findIndex((sign, i) => sign !== there[i]);
  const cut = (text) => JSON.stringify(text.slice(Math.max(first - 40, 0), first + 60));
  return [`${what} ${place}: ${cut(here)} instead of ${cut(there)}`];
}

let isAllInert = true;
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { raw, ...notes } = JSON.parse(line);
  const problems = judge(notes);
  if (!problems.length) continue;
  isAllInert = false;
  console.log(JSON.stringify({ raw, problems }));
}
process.exitCode = isAllInert ? 0 : 1;
