#!/usr/bin/env node
/**
 * Tell what the model of Obsidian finds in notes.
 *
 *   node reading_judge.mjs NOTES.jsonl
 *
 * Each line is the text of a note, as JSON. Prints one JSON line {tags, links} for
 * each: tags without #, targets without #heading and |text; of properties and body.
 */
import fs from "node:fs";
import { analyse } from "./ofm.mjs";

const isLocal = (address) => !/^[a-z][a-z0-9+.-]*:|^\/\//i.test(address);

function pictureIn(address) {
  try {
    return decodeURIComponent(address).split("#")[0];
  } catch {
    return address;
  }
}

/** All facts of a note; the model itself looks in comments only for some. */
function factsOf(source) {
  const { facts } = analyse(source);
  return [facts, ...facts.comments.map(({ text }) => analyse(`\n${text}`).facts)];
}

for (const line of fs.readFileSync(process.argv[2], "utf8").split("\n")) {
  if (!line) continue;
  const all = factsOf(JSON.parse(line));
  const linksOf = (facts) => [
    ...[...facts.frontmatterLinks, ...facts.links, ...facts.embeds].map(
      (link) => link.path,
    ),
    ...facts.images.filter(isLocal).map(pictureIn),
  ];
  const found = {
    tags: all.flatMap((facts) => facts.allTags.map((tag) => tag.slice(1))),
    links: all.flatMap(linksOf).filter(Boolean),
  };
  console.log(JSON.stringify(found));
}
