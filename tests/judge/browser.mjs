#!/usr/bin/env node
/**
 * Find the Chromium of this machine, and start it.
 *
 *   node browser.mjs
 *
 * prints its path; or says what to install, and ends with 1.
 */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];
const ADVICE =
  "The notes are looked at in Chromium, and there is none: on Debian " +
  "`apt install chromium fonts-noto-cjk fonts-noto-color-emoji`, " +
  "or name yours: CHROMIUM=/path/to/it make judge";

/** In a container there is no sandbox; and nothing may be fetched for Chromium itself. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The path of the browser, or null: `$CHROMIUM`, else the first that PATH offers. */
export function findBrowser() {
  const named = process.env.CHROMIUM;
  if (named?.includes("/")) return isProgram(named) ? named : null;
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return (
    (named ? [named] : NAMES)
      .flatMap((name) => folders.map((folder) => path.join(folder, name)))
      .find(isProgram) ?? null
  );
}

function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

export async function startBrowser() {
  const executablePath = findBrowser();
  if (!executablePath) {
    console.error(ADVICE);
    process.exit(1);
  }
  // Imported here, so that the command runs before any package is installed.
  const { chromium } = await import("playwright-core");
  return chromium.launch({ executablePath, args: FLAGS });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = findBrowser();
  if (found) console.log(found);
  else console.error(ADVICE);
  process.exitCode = found ? 0 : 1;
}
