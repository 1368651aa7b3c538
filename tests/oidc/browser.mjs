// browser.mjs - the way to the directory and back in a real browser, between two sites, under the page's own
// policy: by mouse, by keyboard, without script (R25, R30). Prints one line PASS or FAIL each.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "../web/node_modules/playwright-core/index.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const axe = fs.readFileSync(path.join(here, "../web/node_modules/axe-core/axe.min.js"), "utf8");
const base = process.env.UPP_WEB;
const shots = process.env.UPP_SHOTS;

function check(name, holds, detail = "") {
  console.log((holds ? "PASS " : "FAIL ") + name + (holds || detail === "" ? "" : `  [${detail}]`));
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "sv-SE", ...options });
  context.setDefaultTimeout(20000);
  return context.newPage();
}

async function clean(name, visit) {
  const page = await open({ bypassCSP: true });
  await visit(page);
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  check(`r30 axe: ${name}`, found.violations.length === 0 && found.passes.length > 10,
    found.violations.map((v) => `${v.id}: ${v.nodes[0].target}`).join(" | "));
  if (shots) await page.screenshot({ path: path.join(shots, `${name.replace(/\W+/g, "-")}.png`), fullPage: true });
  await page.context().close();
}

async function there(name, options, press) {
  const page = await open(options);
  await page.goto(`${base}/svara`);
  check(`r25 ${name}: she is asked to sign in`, page.url() === `${base}/logga-in?till=/svara`, page.url());
  await press(page);
  await page.waitForURL(`${base}/svara`);
  await page.waitForSelector("h1");
  check(`r25 ${name}: she comes back to where she wanted, signed in`, (await page.locator(".me").innerText()).includes("Frida"),
    await page.locator("body").innerText());
  const cookies = await page.context().cookies(base);
  const session = cookies.find((c) => c.name === "uppsikt");
  check(`r25 ${name}: the session's cookie is Strict and no script's, the try's is gone`, session?.sameSite === "Strict" && session.httpOnly
    && !cookies.some((c) => c.name === "uppsikt-katalog"), JSON.stringify(cookies.map((c) => [c.name, c.sameSite])));
  return page;
}

const faults = [];
const watched = await there("by mouse", {}, async (page) => {
  page.on("console", (m) => { if (m.type() === "error") faults.push(m.text()); });
  await page.click("a.go.main");
});
check("r25 the page's own policy lets her go there", faults.length === 0, faults.join(" | "));
await watched.click(".me button");
await watched.waitForURL(/\/logga-in/);
check("r25 signed out, her page is not hers any more", (await watched.goto(`${base}/svara`)) && watched.url().includes("/logga-in"), watched.url());
await there("by keyboard", {}, async (page) => {
  for (let i = 0; i < 12 && !(await page.evaluate(() => document.activeElement.matches("a.go.main"))); i++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
});
await there("without script, on a small screen", { javaScriptEnabled: false, viewport: { width: 320, height: 640 } },
  (page) => page.click("a.go.main"));
await clean("the page with a directory", (page) => page.goto(`${base}/logga-in`));
await clean("a try that is over", (page) => page.goto(`${base}/logga-in/katalog/svar?code=x&state=y`));
console.log("browser: done");
await browser.close();
