#!/usr/bin/env node
/**
 * Render notes in Chromium, roughly as Obsidian's reading view does, and look at them.
 *
 *   node render_note.mjs < JOBS
 *
 * A job is one line of JSON; all but `note` may be left out:
 *   note      the file
 *   vault     the folder in which its pictures are looked for (its own)
 *   theme     "light" or "dark"
 *   expanded  true opens what is folded
 *   mermaid   "11.13.0" or "11.4.1"
 *   column    width of the text in pixels (700, as in Obsidian)
 *   picture   where to write a PNG
 *   limit     the PNG ends with the last block above this height, in pixels
 *
 * Prints one line of JSON per job, in order: what is seen (see `lookAtNote` in
 * page_script.js), what was tried (requests, dialogs), and `problems` in words.
 * Ends with 1 when there is one. It is a model of Obsidian, not Obsidian.
 */
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { startBrowser } from "./browser.mjs";
import { EMPTY_PAGE, calloutIcons, noteHead } from "./note_page.mjs";
import { analyse } from "./ofm.mjs";

/** The vault as the page knows it; nothing else is answered. */
const ORIGIN = "https://vault.invalid/";

/** Left and right of the text together. Source: note_page.css. */
const MARGINS_PX = 80;

const SMALLEST_TEXT_PX = 8;
/** For text of common size. Source: WCAG 2, 1.4.3. */
const LEAST_CONTRAST = 4.5;

const HERE = path.dirname(fileURLToPath(import.meta.url));
const { resolve: find } = createRequire(import.meta.url);
const script = (name) => fs.readFileSync(find(name), "utf8");
const SCRIPTS = {
  page: fs.readFileSync(path.join(HERE, "page_script.js"), "utf8"),
  purify: script("dompurify/dist/purify.min.js"),
  "11.13.0": script("mermaid/dist/mermaid.min.js"),
  "11.4.1": script("mermaid-11-4-1/dist/mermaid.min.js"),
};

// ---- one note ----------------------------------------------------------------

async function render(page, { job, events }) {
  const { facts, html } = analyse(fs.readFileSync(job.note, "utf8"));
  await page.setViewportSize({ width: job.column + MARGINS_PX, height: 900 });
  const shown = await page.evaluate((what) => showNote(what), {
    head: noteHead(path.basename(job.note, ".md"), facts),
    html,
    theme: job.theme,
    column: job.column,
    expanded: job.expanded,
    icons: calloutIcons,
  });
  const { ends, ...seen } = await page.evaluate(() => lookAtNote());
  if (job.picture) await takePicture(page, job, [...ends, seen.height]);
  const { yamlErrors, html: rawHtml } = facts;
  const all = { yamlErrors, html: rawHtml, ...shown, ...seen, ...events };
  return { note: job.note, theme: job.theme, ...all, problems: problemsOf(all) };
}

/**
 * Open a page for all notes of one version of mermaid, which takes a second to load.
 *
 * `now` is the job at hand: its vault's files are answered, and in its events is
 * kept whatever else the page tries.
 */
async function openPage(browser, version) {
  const now = { job: null, events: noEvents() };
  const page = await browser.newPage({ serviceWorkers: "block" });
  page.on("pageerror", (error) => now.events.pageErrors.push(error.message));
  page.on("websocket", (socket) => now.events.requests.push(socket.url()));
  page.on("dialog", (dialog) => {
    now.events.dialogs.push(dialog.message());
    return dialog.dismiss();
  });
  await page.route("**/*", (route) => answer(route, now));
  await page.goto(ORIGIN);
  for (const content of [SCRIPTS.purify, SCRIPTS[version], SCRIPTS.page]) {
    await page.addScriptTag({ content });
  }
  return { page, now };
}

const noEvents = () => ({ requests: [], missing: [], dialogs: [], pageErrors: [] });

function answer(route, { job, events }) {
  const url = route.request().url();
  if (url === ORIGIN) {
    return route.fulfill({ body: EMPTY_PAGE, contentType: "text/html" });
  }
  if (!url.startsWith(ORIGIN)) {
    events.requests.push(url);
    return route.abort();
  }
  const link = decodeURIComponent(new URL(url).pathname.slice(1));
  const file = findFile(job.vault, link);
  if (file) return route.fulfill({ path: file });
  events.missing.push(link);
  return route.fulfill({ status: 404 });
}

/** A file of the vault by its path, or by its name alone; null when there is none. */
function findFile(vault, link) {
  const wanted = link.normalize("NFC").toLowerCase();
  return (
    fs
      .readdirSync(vault, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
      .find((file) => {
        const place = path.relative(vault, file).split(path.sep).join("/");
        return `/${place.normalize("NFC").toLowerCase()}`.endsWith(`/${wanted}`);
      }) ?? null
  );
}

async function takePicture(page, { column, limit, picture }, ends) {
  const last = Math.max(...ends.filter((end) => end <= limit - 24));
  const height = Math.min(limit, Number.isFinite(last) ? last + 24 : limit);
  await page.setViewportSize({ width: column + MARGINS_PX, height });
  await page.screenshot({ path: picture });
}

// ---- what can be wrong -------------------------------------------------------

function problemsOf(seen) {
  const each = (list, tell) => list.map(tell);
  return [
    ...each(seen.yamlErrors, (error) => `invalid properties: ${error}`),
    ...each(seen.requests, (url) => `asks the network for ${url}`),
    ...each(seen.dialogs, (text) => `opens a dialog: ${text}`),
    ...each(seen.pageErrors, (error) => `error in the page: ${error}`),
    ...each(seen.html, (html) => `HTML: ${html.slice(0, 60)}`),
    ...each(seen.sanitised, (what) => `loses ${what} to the sanitiser`),
    ...each(seen.missing, (file) => `shows a file that is not there: ${file}`),
    ...each(seen.overflow, (what) => `wider than the column: ${what}`),
    ...each(
      seen.folds.filter((fold) => !fold.opens),
      (fold) => `does not open: ${fold.title}`,
    ),
    ...seen.diagrams.flatMap(problemsOfDiagram),
  ];
}

function problemsOfDiagram({ error, nodes, smallestTextPx, contrast }) {
  if (error) return [`diagram: ${error}`];
  return [
    nodes === 0 && "diagram: nothing is drawn",
    smallestTextPx < SMALLEST_TEXT_PX && `diagram: text of ${smallestTextPx} px`,
    contrast < LEAST_CONTRAST && `diagram: contrast of ${contrast} in a node`,
  ].filter(Boolean);
}

// ---- the command -------------------------------------------------------------

const DEFAULTS = {
  theme: "light",
  expanded: false,
  mermaid: "11.13.0",
  column: 700,
  limit: 20_000,
};

/** One after the other: a job may be written when the answer to the last is read. */
async function renderAll(browser, lines) {
  const pages = {};
  let isAllWell = true;
  for await (const line of lines) {
    const given = JSON.parse(line);
    const job = { ...DEFAULTS, vault: path.dirname(given.note), ...given };
    const opened = (pages[job.mermaid] ??= await openPage(browser, job.mermaid));
    opened.now.job = job;
    opened.now.events = noEvents();
    const seen = await render(opened.page, opened.now);
    isAllWell &&= seen.problems.length === 0;
    console.log(JSON.stringify(seen));
  }
  return isAllWell;
}

const browser = await startBrowser();
const isAllWell = await renderAll(browser, readline.createInterface(process.stdin));
await browser.close();
process.exitCode = isAllWell ? 0 : 1;
