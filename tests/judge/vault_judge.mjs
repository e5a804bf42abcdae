#!/usr/bin/env node
/**
 * Judge a vault as Obsidian's metadata cache would hold it.
 *
 *   node vault_judge.mjs VAULT
 *
 * Prints one JSON object: notes (their number), edges of the graph, links that
 * lead nowhere, tags, the types of each property, and problems. Ends with 1 when
 * there are problems.
 *
 * Links are resolved as was observed on Obsidian 1.13.7 (markdown-vault-mcp,
 * issues 1350 and 1358): whatever the case; the exact path first, then the note's
 * own folder, then the shortest path. An alias is not a target.
 */
import fs from "node:fs";
import path from "node:path";
import YAML from "yaml";
import { analyse, tagAt } from "./ofm.mjs";

const MAX_TAG_CHARACTERS = 40;
const MAX_NAME_BYTES = 200; // 255 on ext4, less what conflict copies append

/** Obsidian normalises paths so. Source: obsidian-headless, FileSystemAdapter. */
const normalised = (name) => name.replace(/[\u00A0\u202F]/g, " ").normalize("NFC");
const folderOf = (file) => file.replace(/\/?[^/]*$/, "");
const asList = (value) => (Array.isArray(value) ? value : [value]);

// ---- files and links -------------------------------------------------------

/** All files that Obsidian sees: {path, name, onDisk}. Dot names are invisible. */
function listFiles(folder, prefix = "") {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith("."))
    .flatMap((entry) => {
      const onDisk = path.join(folder, entry.name);
      return entry.isDirectory()
        ? listFiles(onDisk, `${prefix}${entry.name}/`)
        : [{ path: normalised(prefix + entry.name), name: entry.name, onDisk }];
    });
}

/** The file that `link` in the file `from` leads to, or undefined. */
function resolve(link, from, files) {
  const wanted = normalised(link).replace(/#.*$/, "").trim().toLowerCase();
  if (!wanted) return from;
  const is = (name) => (file) =>
    [name, `${name}.md`].includes(file.path.toLowerCase());
  if (/^\.\.?\//.test(wanted)) {
    const place = path.posix.join(folderOf(from.path).toLowerCase(), wanted);
    return files.find(is(place));
  }
  const exact = files.find(is(wanted.replace(/^\//, "")));
  if (exact || wanted.startsWith("/")) return exact;
  const ends = (file) => {
    const place = `/${file.path.toLowerCase()}`;
    return place.endsWith(`/${wanted}`) || place.endsWith(`/${wanted}.md`);
  };
  const found = files.filter(ends);
  const own = found.find((file) => folderOf(file.path) === folderOf(from.path));
  const byLength = (a, b) =>
    a.path.length - b.path.length || (a.path < b.path ? -1 : 1);
  return own ?? found.sort(byLength)[0];
}

// ---- what can be wrong -----------------------------------------------------

function problemsOfBytes(bytes) {
  const text = bytes.toString("utf8");
  return [
    Buffer.compare(Buffer.from(text, "utf8"), bytes) && "is not valid UTF-8",
    text.startsWith("\uFEFF") && "starts with a BOM",
    text.includes("\r") && "has CR line ends",
    /^\s+---\r?\n/.test(text) && "has a blank before its properties",
    /<%|%>/.test(text) && "holds Templater code <% %>",
  ].filter(Boolean);
}

function problemsOfBody(facts) {
  const hidden = [
    ...facts.hidden.tags,
    ...facts.hidden.links.map((link) => `[[${link.link}]]`),
  ];
  const queries = facts.code.filter((code) => /^\s*\$?=/.test(code));
  const remote = facts.images.filter((url) => /^(https?:)?\/\//i.test(url));
  return [
    ...facts.yamlErrors.map((error) => `invalid properties: ${error}`),
    ...facts.allTags
      .filter((tag) => [...tag].length > MAX_TAG_CHARACTERS)
      .map((tag) => `very long tag ${[...tag].slice(0, 30).join("")}…`),
    ...facts.fields.map((name) => `raw Dataview field ${name}::`),
    ...queries.map((code) => `Dataview query in code: ${code.slice(0, 40)}`),
    ...facts.html.map((html) => `HTML: ${html.slice(0, 60)}`),
    ...remote.map((url) => `picture from the network: ${url}`),
    ...facts.comments
      .filter((comment) => comment.unclosed)
      .map(() => "unclosed %% comment hides the rest"),
    ...(hidden.length ? [`counts although in a comment: ${hidden.join(" ")}`] : []),
    ...facts.mermaid
      .filter((diagram) => !diagram.closed)
      .map((diagram) => `mermaid fence of line ${diagram.line} is not closed`),
  ];
}

const OBSOLETE = { tag: "tags", alias: "aliases", cssclass: "cssclasses" };
const LISTS = ["tags", "aliases", "cssclasses"];

function problemsOfProperty(name, value) {
  const isNested = (part) => part !== null && typeof part === "object";
  const nested =
    typeOf(value) === "nested" || (Array.isArray(value) && value.some(isNested));
  const badTags = asList(name.toLowerCase() === "tags" ? (value ?? []) : [])
    .map((tag) => "#" + String(tag).replace(/^#/, ""))
    .filter((tag) => tagAt(tag) !== tag);
  return [
    nested && "holds nested values",
    OBSOLETE[name] && `is dead since Obsidian 1.9: write ${OBSOLETE[name]}`,
    LISTS.includes(name) && value !== null && !Array.isArray(value) && "is no list",
    typeof value === "string" && value.includes("\n") && "has several lines",
    ...badTags.map((tag) => `has the invalid tag ${tag}`),
  ]
    .filter(Boolean)
    .map((problem) => `property ${name} ${problem}`);
}

function typeOf(value) {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "list";
  if (typeof value === "boolean") return "checkbox";
  if (typeof value === "number") return "number";
  if (typeof value === "object") return "nested";
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(value)) return "datetime";
  return /^\d{4}-\d\d-\d\d$/.test(value) ? "date" : "text";
}

function problemsOfName(name) {
  const stem = name.replace(/\.[^.]*$/, "");
  const bytes = Buffer.byteLength(name);
  return [
    /[#^[\]|]|%%/.test(name) && "has a character that breaks links",
    /[\\:*?"<>|]/.test(name) && "is illegal on Windows or Android",
    /[ .]$/.test(stem) && "ends in a blank or a dot",
    /^(con|prn|aux|nul|com[1-9]|lpt[1-9])$/i.test(stem) && "is reserved on Windows",
    bytes > MAX_NAME_BYTES && `has ${bytes} bytes`,
    name !== name.normalize("NFC") && "is not NFC",
  ]
    .filter(Boolean)
    .map((problem) => `its name ${problem}`);
}

function problemsOfBase(text) {
  const errors = YAML.parseDocument(text).errors;
  return errors.map((error) => `invalid base: ${error.message.split("\n")[0]}`);
}

// ---- the vault as a whole --------------------------------------------------

function judge(vault) {
  const files = listFiles(vault);
  const problems = [];
  const report = (file, found) =>
    problems.push(...found.map((problem) => ({ file, problem })));

  const notes = files.filter((file) => /\.md$/i.test(file.name));
  for (const note of notes) {
    const bytes = fs.readFileSync(note.onDisk);
    note.facts = analyse(bytes.toString("utf8")).facts;
    report(note.path, problemsOfBytes(bytes));
    report(note.path, problemsOfBody(note.facts));
    for (const [name, value] of Object.entries(note.facts.properties ?? {})) {
      report(note.path, problemsOfProperty(name, value));
    }
  }
  for (const file of files) {
    report(file.path, problemsOfName(file.name));
    if (file.name.endsWith(".base")) {
      report(file.path, problemsOfBase(fs.readFileSync(file.onDisk, "utf8")));
    }
  }
  const { edges, unresolved } = follow(notes, files, report);
  report("(vault)", ambiguousNames(notes));
  const types = collectTypes(notes);
  report("(vault)", mixedTypes(types));
  return {
    notes: notes.length,
    edges,
    unresolved,
    tags: countTags(notes),
    types: Object.fromEntries([...types].map(([name, seen]) => [name, [...seen]])),
    problems,
  };
}

function follow(notes, files, report) {
  const aliases = new Map();
  for (const note of notes) {
    for (const alias of asList(note.facts.properties?.aliases ?? [])) {
      aliases.set(String(alias).toLowerCase(), note.path);
    }
  }
  const edges = [];
  const unresolved = {};
  for (const note of notes) {
    const { links, embeds, frontmatterLinks } = note.facts;
    for (const link of [...links, ...embeds, ...frontmatterLinks]) {
      const target = resolve(link.path, note, files);
      if (target) {
        edges.push([note.path, target.path]);
        const isLoop = target === note && link.path;
        report(note.path, isLoop ? ["links to itself"] : []);
        continue;
      }
      (unresolved[link.path] ??= []).push(note.path);
      const owner = aliases.get(link.path.toLowerCase());
      report(
        note.path,
        owner ? [`[[${link.path}]] is an alias of ${owner}, not a name`] : [],
      );
    }
  }
  return { edges, unresolved };
}

function ambiguousNames(notes) {
  const places = new Map();
  for (const note of notes) {
    const name = normalised(note.name).toLowerCase();
    places.set(name, [...(places.get(name) ?? []), note.path]);
  }
  return [...places.values()]
    .filter((paths) => paths.length > 1)
    .map((paths) => `several notes have one name: ${paths.join(", ")}`);
}

function collectTypes(notes) {
  const types = new Map();
  for (const note of notes) {
    for (const [name, value] of Object.entries(note.facts.properties ?? {})) {
      const key = name.toLowerCase();
      if (value === null) continue;
      types.set(key, (types.get(key) ?? new Set()).add(typeOf(value)));
    }
  }
  return types;
}

function mixedTypes(types) {
  return [...types]
    .filter(([, seen]) => seen.size > 1)
    .map(([name, seen]) => `property ${name} has several types: ${[...seen]}`);
}

function countTags(notes) {
  const counts = {};
  for (const note of notes) {
    for (const tag of new Set(note.facts.allTags.map((tag) => tag.toLowerCase()))) {
      counts[tag] = (counts[tag] ?? 0) + 1;
    }
  }
  return counts;
}

const verdict = judge(process.argv[2]);
console.log(JSON.stringify(verdict, null, 1));
process.exitCode = verdict.problems.length ? 1 : 0;
