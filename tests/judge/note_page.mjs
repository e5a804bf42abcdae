/**
 * Write what a browser shows of a note above its body: title and properties.
 *
 * The body is put in by `page_script.js`, which sanitises it.
 */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const STYLE = fs.readFileSync(path.join(HERE, "note_page.css"), "utf8");

const escaped = (text) =>
  String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A page without a note. */
export const EMPTY_PAGE = `<!doctype html>
<html>
<head><meta charset="utf-8"><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body><main></main></body>
</html>`;

/** What stands in the page's `main` above the body of an analysed note, and its place. */
export function noteHead(name, facts) {
  return `<h1 class="title">${escaped(name)}</h1>
${propertiesPanel(facts)}
<article></article>`;
}

function propertiesPanel({ hasFrontmatter, properties, yamlErrors }) {
  if (!hasFrontmatter) return "";
  if (yamlErrors.length) {
    return `<div class="wrong">Invalid properties: ${escaped(yamlErrors[0])}</div>`;
  }
  const lines = Object.entries(properties ?? {}).map(
    ([name, value]) =>
      `<div class="property"><span class="property-name">` +
      `${icon(iconOfProperty(name, value))} ${escaped(name)}</span>` +
      `<span class="property-value">${shownValue(name, value)}</span></div>`,
  );
  return `<div class="properties">${lines.join("\n")}</div>`;
}

function shownValue(name, value) {
  if (value === null) return "";
  if (Array.isArray(value)) {
    const kind = name === "tags" ? "pill tag" : "pill";
    return value.map((each) => `<span class="${kind}">${shownText(each)}</span>`).join("");
  }
  const text = typeof value === "object" ? JSON.stringify(value) : value;
  return shownText(text);
}

function shownText(value) {
  const text = String(value);
  const link = /^\[\[(?:[^|\]]*\|)?([^\]]+)\]\]$/.exec(text);
  if (link) return `<a class="internal-link">${escaped(link[1])}</a>`;
  return /^https?:/.test(text) ? `<a>${escaped(text)}</a>` : escaped(text);
}

// ---- icons: the shapes that Obsidian shows, drawn anew -----------------------

const ICONS = {
  text: "M4 6h16M4 12h16M4 18h9",
  list: "M9 6h11M9 12h11M9 18h11M4 6h.01M4 12h.01M4 18h.01",
  number: "M5 9h15M4 15h15M10 4 8 20M16 4l-2 16",
  date: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
  time: "M12 3a9 9 0 1 0 .01 0M12 7v5l3 2",
  tags: "M12 3H4v8l9 9 8-8zM8 8h.01",
  aliases: "m15 17 5-5-5-5M4 18v-2a4 4 0 0 1 4-4h12",
  checkbox: "M4 4h16v16H4zM8 12l3 3 5-6",
  abstract: "M8 4H5v17h14V4h-3M8 3h8v4H8zM9 12h6M9 16h6",
  tip: "M12 3c1 4 5 6 5 11a5 5 0 0 1-10 0c0-2 1-3 2-4 0 2 1 3 2 3 1-3-1-6 1-10z",
  info: "M12 3a9 9 0 1 0 .01 0M12 11v5M12 8h.01",
  quote: "M4 17c3 0 4-2 4-5V6H4v6h4M14 17c3 0 4-2 4-5V6h-4v6h4",
  note: "M4 20h4L19 9l-4-4L4 16z",
  fold: "m9 6 6 6-6 6",
};

function icon(name) {
  return `<svg class="icon" viewBox="0 0 24 24"><path d="${ICONS[name]}"/></svg>`;
}

/** The icons that a callout may need, for the script in the page. */
export const calloutIcons = Object.fromEntries(
  ["abstract", "tip", "info", "quote", "note", "fold"].map((name) => [name, icon(name)]),
);

function iconOfProperty(name, value) {
  if (name === "tags" || name === "aliases") return name;
  if (Array.isArray(value)) return "list";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "checkbox";
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return "time";
  return /^\d{4}-\d\d-\d\d$/.test(value) ? "date" : "text";
}
