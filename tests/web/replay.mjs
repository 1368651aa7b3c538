// replay.mjs PLAYER WACZ URL TEXT... - a package's WACZ in a web-archive player that is not ours (R27):
// replayweb.page's own ui.js and sw.js from the folder PLAYER, in Chromium, without any network but our two
// files. Each TEXT must stand on the page that it shows at URL, and its pictures must be there. Prints what it
// saw as JSON; exit 1 when something lacks.
import { createServer } from "node:http";
import { createReadStream, readFileSync, statSync } from "node:fs";
import { chromium } from "playwright-core";

const [player, wacz, url, ...texts] = process.argv.slice(2);
const types = { html: "text/html; charset=utf-8", js: "text/javascript", wacz: "application/wacz" };
const page = `<!doctype html><meta charset="utf-8"><title>replay</title><script src="/ui.js"></script>
<style>html,body,replay-web-page{height:100%;margin:0}</style>
<replay-web-page source="/konto.wacz" url="${url}" replayBase="/replay/" embed="replayonly"></replay-web-page>`;
const files = { "/ui.js": `${player}/ui.js`, "/replay/sw.js": `${player}/sw.js`, "/konto.wacz": wacz };

// A player reads a WACZ by ranges.
function send(file, range, answer) {
    const size = statSync(file).size;
    const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? "");
    const from = asked ? Number(asked[1]) : 0;
    const to = asked && asked[2] ? Math.min(Number(asked[2]), size - 1) : size - 1;
    const head = { "content-type": types[file.split(".").pop()], "accept-ranges": "bytes", "content-length": to - from + 1 };
    if (asked) head["content-range"] = `bytes ${from}-${to}/${size}`;
    answer.writeHead(asked ? 206 : 200, head);
    createReadStream(file, { start: from, end: to }).pipe(answer);
}

const server = createServer((request, answer) => {
    const path = new URL(request.url, "http://x").pathname;
    if (path === "/") answer.writeHead(200, { "content-type": types.html }).end(page);
    else if (path === "/replay/") answer.writeHead(200, { "content-type": types.html }).end("");
    else if (files[path]) send(files[path], request.headers.range, answer);
    else answer.writeHead(404).end();
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const seen = { version: JSON.parse(readFileSync(`${player}/package.json`)).version, texts: [], pictures: 0, outside: [] };
try {
    const context = await browser.newContext();
    context.on("request", (request) => {
        if (!request.url().startsWith(origin) && /^https?:/.test(request.url())) seen.outside.push(request.url());
    });
    const tab = await context.newPage();
    await tab.goto(origin);
    // The archived page is in a frame of a frame, at a time and an address of its own.
    const shown = async () => tab.frames().find((frame) => /\/replay\/w\/.*mp_\//.test(frame.url()));
    for (const until = Date.now() + 60000; !(await shown()) && Date.now() < until;) await tab.waitForTimeout(100);
    const frame = await shown();
    if (!frame) throw new Error("the player shows no page of the archive");
    for (const text of texts) {
        await frame.getByText(text).first().waitFor({ timeout: 30000 });
        seen.texts.push(text);
    }
    await frame.waitForFunction(() => [...document.images].every((i) => i.complete && i.naturalWidth > 0), null, { timeout: 30000 });
    seen.pictures = await frame.evaluate(() => document.images.length);
} catch (error) {
    seen.error = String(error).split("\n")[0];
} finally {
    await browser.close();
    server.close();
}
console.log(JSON.stringify(seen));
process.exit(seen.error || seen.outside.length ? 1 : 0);
