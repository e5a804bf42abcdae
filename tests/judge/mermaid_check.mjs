#!/usr/bin/env node
/**
 * Draw diagrams with the two versions of mermaid that Obsidian has shipped.
 *
 *   node mermaid_check.mjs PATH...
 *
 * A PATH is a note (each of its mermaid fences counts), an `.mmd` file, or a folder
 * of both. One JSON line per diagram and version: file, line, mermaid, ok, error,
 * labels (of the nodes, by their ids, as drawn), words (on the arrows, as drawn).
 * Ends with 1 when one is invalid.
 *
 * Beyond the grammar it draws each diagram: only then 11.4.1 shows what it takes for
 * a list or a link in a label, and only then markup in a label becomes an element.
 * There is no layout without a browser, so each text counts as 80 by 20 pixels.
 */
import fs from "node:fs";
import path from "node:path";
import { JSDOM } from "jsdom";
import { analyse } from "./ofm.mjs";

/** Obsidian 1.13 and later; Obsidian 1.8.5 to 1.12. Source: its release notes. */
const PACKAGES = { "11.13.0": "mermaid", "11.4.1": "mermaid-11-4-1" };

/** Beyond it mermaid draws a box with an error, although parsing succeeds. */
const MAX_CHARACTERS = 50_000;

/** What must not be in a drawing: it would load, run or lead somewhere. */
const ACTIVE = "img, image, script, iframe, object, a, [onclick], [onerror], [onload]";

// ---- a browser, as far as mermaid needs one --------------------------------

/** It must stand before mermaid is imported: its sanitiser looks for it then. */
function imitateBrowser() {
  const page = "<!doctype html><body></body>";
  const { window } = new JSDOM(page, { url: "https://vault.invalid/" });
  globalThis.window = window;
  for (const name of Object.getOwnPropertyNames(window)) {
    if (!(name in globalThis)) globalThis[name] = window[name];
  }
  const svg = window.SVGElement.prototype;
  svg.getBBox = () => ({ x: 0, y: 0, width: 80, height: 20 });
  svg.getComputedTextLength = () => 80;
  // mermaid waits for pictures in labels, and here nothing ever loads.
  Object.defineProperty(window.HTMLImageElement.prototype, "complete", { value: true });
  // 11.13.0 encodes an arrow's points so. When an outline has no true size, a point
  // may be a whole node with its label, and the real btoa refuses Chinese.
  globalThis.btoa = (text) => Buffer.from(text, "utf8").toString("base64");
}

async function loadMermaids() {
  const loaded = {};
  for (const [version, name] of Object.entries(PACKAGES)) {
    loaded[version] = (await import(name)).default;
    loaded[version].initialize({ startOnLoad: false, suppressErrorRendering: true });
  }
  return loaded;
}

// ---- diagrams --------------------------------------------------------------

function findDiagrams(place) {
  if (fs.statSync(place).isDirectory()) {
    return fs
      .readdirSync(place)
      .filter((name) => !name.startsWith("."))
      .sort()
      .flatMap((name) => findDiagrams(path.join(place, name)));
  }
  const text = () => fs.readFileSync(place, "utf8");
  if (place.endsWith(".mmd")) {
    return [{ file: place, line: 1, source: text(), closed: true }];
  }
  if (!place.endsWith(".md")) return [];
  return analyse(text()).facts.mermaid.map((found) => ({ file: place, ...found }));
}

let drawn = 0;

async function draw(mermaid, { source, closed }) {
  if (!closed) return refusal("the fence is not closed in its block");
  if (source.length > MAX_CHARACTERS) {
    return refusal(`more than ${MAX_CHARACTERS} characters`);
  }
  try {
    await mermaid.parse(source);
    return inspect(await mermaid.render(`drawing-${++drawn}`, source));
  } catch (error) {
    return refusal(String(error.message ?? error));
  }
}

const refusal = (error) => ({ ok: false, error, labels: {}, words: [] });

function inspect({ svg }) {
  const drawing = document.createElement("div");
  drawing.innerHTML = svg;
  const nodes = [...drawing.querySelectorAll(".node")];
  // The n1 of a source becomes `flowchart-n1-0` in the drawing.
  const labels = Object.fromEntries(
    nodes.map((node) => [node.id.replace(/^flowchart-|-\d+$/g, ""), node.textContent]),
  );
  // An arrow's word is drawn in several nested elements; the inner ones count.
  const words = [...drawing.querySelectorAll(".edgeLabel .edgeLabel")]
    .map((element) => element.textContent)
    .filter(Boolean);
  const active = drawing.querySelector(ACTIVE);
  const refused = [...Object.values(labels), ...words].find((text) =>
    text.includes("Unsupported markdown"),
  );
  const error =
    (active && `active content: ${active.outerHTML.slice(0, 80)}`) ??
    refused ??
    (nodes.length ? null : "nothing is drawn");
  return { ok: error === null, error, labels, words };
}

// ---- the command -----------------------------------------------------------

imitateBrowser();
const mermaids = await loadMermaids();
let isAllValid = true;
for (const diagram of process.argv.slice(2).flatMap(findDiagrams)) {
  for (const [version, mermaid] of Object.entries(mermaids)) {
    const verdict = await draw(mermaid, diagram);
    isAllValid &&= verdict.ok;
    const { file, line } = diagram;
    console.log(JSON.stringify({ file, line, mermaid: version, ...verdict }));
  }
}
process.exit(isAllValid ? 0 : 1);
