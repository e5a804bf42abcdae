// An editor in the manner of Obsidian: it saves its whole buffer in place, notices when
// the file has changed, and merges that into unsaved text with diff-match-patch.
// Typing, words and output are those of ../editor.py:
//
//     node editor.mjs FILE EDITS LOW_MS HIGH_MS [on]

import DiffMatchPatch from "diff-match-patch";
import { readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const [file, edits, low, high, on] = process.argv.slice(2);
const dmp = new DiffMatchPatch();
const seen = new Set();
let base = readFileSync(file, "utf8");
let buffer = base;
let signature = sign();
let asked = !on;
let typed = 0;

process.on("SIGTERM", () => (asked = true));
for (; typed < +edits || !asked; typed++) {
  await sleep(+low + Math.random() * (+high - +low));
  notice();
  type(typed);
  if (typed % 2) await save(); // every other edit is in the buffer only for a while
}
await save();
console.log([typed, ...seen].join("\n"));

async function save() {
  base = buffer;
  await writeFile(file, base);
  signature = sign();
}

function notice() {
  const now = sign();
  if (now === signature) return;
  const disk = readFileSync(file, "utf8");
  if (!disk) return; // an emptied file is not believed
  signature = now;
  for (const mark of disk.match(/storm-mark-\d{4}/g) ?? []) seen.add(mark);
  buffer = buffer === base ? disk : dmp.patch_apply(dmp.patch_make(base, disk), buffer)[0];
  base = disk;
}

function type(number) {
  const word = `user-edit-${String(number).padStart(6, "0")}`;
  const lines = buffer.split("\n");
  const prose = lines.flatMap((line, at) => (line.startsWith("prose") ? [at] : []));
  const body = lines[0] === "---" ? lines.indexOf("---", 1) + 1 : 0;
  if (number % 3 === 0) lines.splice(-1, 0, word);
  else if (number % 3 === 1 || !prose.length)
    lines.splice(body + Math.floor(Math.random() * (lines.length - body)), 0, word);
  else lines[prose[Math.floor(Math.random() * prose.length)]] += ` ${word}`;
  buffer = lines.join("\n");
}

function sign() {
  const { ino, mtimeNs, size } = statSync(file, { bigint: true });
  return `${ino}:${mtimeNs}:${size}`;
}
