// browser.mjs - a moderator's day in a real browser: by mouse, by keyboard, without script, on a small
// screen; axe looks at every page (R11, R14, R20, R21, R25, R30). Prints one line PASS or FAIL each.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { together } from "./together.mjs";
import { beside } from "./beside.mjs";
import { goThrough } from "./mask.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const axe = fs.readFileSync(path.join(here, "node_modules/axe-core/axe.min.js"), "utf8");
const base = process.env.UPP_WEB;
const shots = process.env.UPP_SHOTS;
let bad = 0;

function check(name, holds, detail = "") {
  if (!holds) bad++;
  console.log((holds ? "PASS " : "FAIL ") + name + (holds || detail === "" ? "" : `  [${detail}]`));
  return holds;
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "sv-SE", bypassCSP: true, ...options });
  context.setDefaultTimeout(30000);
  return context.newPage();
}

async function signIn(page, name, password) {
  await page.goto(base + "/");
  await page.fill("#f-name", name);
  await page.fill("#f-password", password);
  await page.click("button.main");
}

// WCAG 2.0 to 2.2, A and AA, and axe's best practices.
async function clean(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  const words = found.violations.map((v) => `${v.id}: ${v.nodes[0].target} ${v.nodes[0].failureSummary}`).join(" | ").replace(/\s+/g, " ");
  check(`R30 axe: ${name}`, found.violations.length === 0 && found.passes.length > 10, words.slice(0, 600));
  if (shots) await page.screenshot({ path: path.join(shots, name.replace(/\W+/g, "-") + ".png"), fullPage: true });
}

const told = (page) => page.locator(".done, .errors").allInnerTexts().then((all) => all.join(" "));
// Comments and questions: errands of the register have no decision.
const CARD = ".card h3 a:not([href*='.f'])";
const cards = (page) => page.locator(CARD).evaluateAll((all) => all.map((a) => a.getAttribute("href")));

async function looks(page) {
  const seen = ["/atgarda", "/sok", "/svara", "/titta", "/godkann", "/konton", "/konto/x-sjoberga", "/nytt-konto", "/franvaro",
                "/overlamning", "/overlamning/biblioteket-3", "/tillgang", "/status", "/rapport", "/gallring", "/gallringsstopp",
                "/rapportera", "/hjalp", "/tillganglighet", "/behandlingar", "/arkiv", "/losenord", "/finns-inte", "/l/abc"];
  for (const one of seen) {
    await page.goto(base + one);
    await clean(page, one);
    check(`R30 ${one}: one h1, a title, Swedish`, await page.locator("h1").count() === 1
      && await page.locator("html").getAttribute("lang") === "sv" && (await page.title()).endsWith("Uppsikt"));
  }
}

async function order(page) {
  await page.goto(base + "/atgarda");
  const due = await page.locator(".card .due time").evaluateAll((all) => all.map((t) => Date.parse(t.dateTime)));
  check("R20 what runs out first is first", due.length > 3 && due.every((d, i) => i === 0 || due[i - 1] <= d), due.join(" "));
  check("R20 what is late is said in words", (await page.locator(".due").first().innerText()).includes("försenad"));
  await page.selectOption("#f-account", { index: 1 });
  await page.click(".filter button");
  const accounts = new Set(await page.locator(".card h3 span").allInnerTexts());
  check("the filter leaves one account", accounts.size <= 1, [...accounts].join(" "));
}

async function decide(page) {
  await page.goto(base + "/atgarda");
  const [first, second] = await cards(page);
  let third = "";
  await page.goto(base + first);
  await clean(page, "a matter");
  check("R22 a saved copy is named on the page", /sparad/i.test(await page.locator("section[aria-labelledby=kopior]").innerText()));
  await page.click("text=Spara beslutet");
  check("R25 no decision without a choice", (await told(page)).includes("Välj vad som ska hända"));
  check("R30 the summary of errors has the focus", await page.evaluate(() => document.activeElement.id) === "fel");
  await clean(page, "a matter with errors");
  await page.click(".errors a");
  check("R30 its link leads to the field", await page.evaluate(() => document.activeElement.id.startsWith("f-action")));
  await page.check("#f-action-hide");
  await page.click("text=Spara beslutet");
  check("R25 no decision without a reason from the list", (await told(page)).includes("Välj ett skäl"));
  check("what was chosen is still chosen", await page.isChecked("#f-action-hide"));
  await page.check("#f-reason-opinion");
  await page.click("text=Spara beslutet");
  check("R25 an opinion is no reason to hide", (await told(page)).includes("bryter mot"));
  await page.check("#f-reason-attack");
  await page.fill("#f-note", "en anteckning <b>med</b> & tecken");
  await page.click("text=Spara beslutet");
  check("a decision is saved", (await told(page)).includes("Beslutet är sparat"), await told(page));
  await page.goto(base + first);
  const history = await page.locator(".history").innerText();
  check("R25 the history says who, what and why", history.includes("Beslut: dölj (Frida Nor): Förtal") && history.includes("<b>med</b> &"), history);
  await clean(page, "a matter that is decided");

  await page.goto(base + second);
  await page.check("#f-action-delete");
  await page.check("#f-reason-hate");
  check("the ground is shown when it is needed", await page.isVisible("#f-ground"));
  await page.click("text=Spara beslutet");
  check("R21 no deletion without a law or a row", (await told(page)).includes("Välj stöd"));
  await page.selectOption("#f-ground", "law:BBS 5 § 1 d");
  await page.click("text=Spara beslutet");
  check("R21 with a law it is decided", (await told(page)).includes("Beslutet är sparat"), await told(page));

  // on an account whose authority has adopted the row
  for (const one of (await cards(page)).filter((c) => c !== first && c !== second)) {
    third = one;
    await page.goto(base + one);
    if (await page.locator("#f-ground option[value='row:sm-borttaget']").count() > 0 && !(await page.locator(".panel details").first().locator("#f-ground").count())) break;
  }
  await page.check("#f-action-delete");
  await page.locator("input[name=reason]").first().check();
  await page.selectOption("#f-ground", { label: "Borttagna kommentarer (KS 2023/77)" });
  await page.click("text=Spara beslutet");
  check("with a row a second person is asked", (await told(page)).includes("kollega måste godkänna"), await told(page));
  await page.goto(base + third);
  check("R23 who asked cannot approve", await page.locator("form[action^='/godkann/']").count() === 0
    && (await page.locator(".acts").innerText()).includes("Du frågade själv"));
  return third;
}

async function approve(asked) {
  const page = await open();
  await signIn(page, "ali", process.env.UPP_ALI);
  await page.click("text=Godkänn");
  check("a second person sees it in a list of its own", (await cards(page)).includes(asked));
  await clean(page, "the list to approve");
  await page.goto(base + asked);
  await page.click("text=Godkänn borttagningen");
  check("and approves it", (await told(page)).includes("Godkänt"), await told(page));
  await page.goto(base + asked);
  check("the history names both", /Ali Rahimi/.test(await page.locator(".history").innerText()) && /Frida Nor/.test(await page.locator(".history").innerText()));
  await page.context().close();
}

async function answer(page) {
  await page.goto(base + "/svara");
  const [first, second] = await cards(page);
  await page.goto(base + first);
  await clean(page, "a question");
  await page.click("summary:has-text('Mallar')");
  await page.locator("button[name=template]").nth(1).click();
  check("R12 a template is at hand, and brings its kind", (await page.inputValue("#f-text")).startsWith("Hej! Tack")
    && await page.inputValue("#f-kind") === "interim");
  await page.selectOption("#f-kind", "full");
  await page.fill("#f-text", "Hej! Du kan anmäla den på sidan Felanmälan.");
  await page.click("button[name=send]");
  check("R11 an answer without first name and title is refused, with the cure", (await told(page)).includes("Lägg till förnamn och titel"));
  check("R11 what was written is kept", (await page.inputValue("#f-text")).startsWith("Hej!"));
  await page.click("button[name=sign]");
  check("R11 one click adds them", (await page.inputValue("#f-text")).endsWith("\n\nFrida, kommunikatör"));
  await page.click("button[name=send]");
  check("R11 then it is taken", (await told(page)).includes("på väg"), await told(page));
  await page.goto(base + second);
  await page.click("summary:has-text('inget svar')");
  await page.check("#f-why-thanks");
  await page.click("form[action$=inget-svar] button");
  check("R14 a question that needs no answer is closed with a reason", (await told(page)).includes("kräver inget svar"), await told(page));
  check("it is not in the list any more", !(await cards(page)).includes(second));
}

async function claim(page) {
  await page.goto(base + "/atgarda");
  const all = await cards(page);
  await page.goto(base + all[all.length - 1]);
  await page.click("form[action$='/ta'] button");
  check("R14 a claim is said to all", (await page.locator(".tag.taken").first().innerText()).includes("Frida Nor"));
  await page.click("form[action$='/kvittera'] button");
  check("R17 an ack from the page", (await told(page)).includes("tysta"), await told(page));
}

// One hands over, the other says yes.
async function handOver(page) {
  await page.goto(base + "/svara");
  const all = await cards(page);
  const one = all[all.length - 1];
  await page.goto(base + one);
  await page.click("summary:has-text('Lämna över')");
  await page.click("button[name=over]");
  check("R14 a hand-over names somebody", (await told(page)).includes("Välj en kollega"));
  const ali = await page.locator("#f-to option", { hasText: "Ali Rahimi" }).getAttribute("value");
  await page.selectOption("#f-to", ali);
  await page.click("button[name=over]");
  check("R14 it is handed over", (await told(page)).includes("Överlämnad"), await told(page));
  const other = await open();
  await signIn(other, "ali", process.env.UPP_ALI);
  await other.goto(base + one);
  check("R14 the colleague is asked", (await other.locator(".acts").innerText()).includes("Frida Nor ber dig ta över"));
  await clean(other, "a hand-over");
  await other.click("text=Ja, jag tar över");
  check("R14 and says yes", (await other.locator(".tag.taken").first().innerText()).includes("Ali Rahimi"), await told(other));
  await other.context().close();
}

// What no connector sees is written down; a message is read where the look is noted; a hold.
async function custody(page) {
  await page.goto(base + "/rapportera");
  await page.click("text=Ta in den");
  check("R01 nothing is taken in without account and text", (await told(page)).includes("Välj ett konto") && (await told(page)).includes("Skriv vad"));
  await page.selectOption("#f-account", { index: 1 });
  await page.fill("#f-text", "Nedskriven: när öppnar badet i morgon?");
  await page.fill("#f-author", "Bo Nilsson");
  await page.click("text=Ta in den");
  check("R01 what is written down is taken in", (await told(page)).includes("inskriven"), await told(page));
  await page.goto(base + "/svara");
  const message = await page.locator(".card:has-text('Ett meddelande till oss') h3 a").first().getAttribute("href");
  check("R29 a list shows no message", !(await page.locator("main").innerText()).includes("hemtjänst"));
  await page.goto(base + message);
  const text = await page.locator("section[aria-labelledby=skrevs]").innerText();
  check("R29 a message is shown when the look is noted", !text.includes("kan inte visas") && text.length > 60, text);
  await page.click("summary:has-text('Gallringsstopp')");
  await page.click("form[action$='/stopp'] button");
  check("R23 no hold without a reason", (await told(page)).includes("Välj varför"), await told(page));
  await page.click("summary:has-text('Gallringsstopp')");
  await page.selectOption("#f-reason", "dispute");
  await page.click("form[action$='/stopp'] button");
  check("R23 a hold from the page", (await told(page)).includes("Gallringsstoppet gäller"), await told(page));
  await page.goto(base + "/gallringsstopp");
  check("R23 it is in the list of holds", await page.locator("text=Häv stoppet").count() > 0);
  check("R23 with its reason, and when it is reviewed", (await page.locator("main").innerText()).includes("Tvist eller rättsprocess") &&
    (await page.locator("main").innerText()).includes("Ska omprövas"));
  await clean(page, "holds");
}

// Another person proposed it: she reads what she would approve.
async function disposal(page) {
  await page.goto(base + "/gallring");
  check("R23 no list is approved from the list of lists", await page.locator("main button.danger").count() === 0);
  await page.click("a:has-text('Visa listan')");
  const text = await page.locator("main").innerText();
  check("R23 each item is on the page, and how many there are", await page.locator("tbody tr").count() > 0 && text.includes("på listan"), text.slice(0, 300));
  check("R23 what is approved is said in words", text.includes("Du godkänner hela listan") && text.includes("kontrollsumma"));
  await clean(page, "a list of disposal");
}

// What was written is found again by words, account and day; what is asked for stands in no address.
async function find(page) {
  await page.goto(base + "/sok");
  await page.fill("#f-words", "BADET nedskriven nilsson");
  await page.click("main button.main");
  const main = () => page.locator("main").innerText();
  check("R28 words of the text and of the author find it, in any case", (await page.locator(".card").count()) === 1 &&
    (await main()).includes("Nedskriven: när öppnar badet i morgon?") && (await main()).includes("Bo Nilsson"), await main());
  check("R24 what is searched for stands in no address", page.url() === base + "/sok");
  await clean(page, "finds");
  await page.click(".card a:has-text('Öppna')");
  check("R28 a find leads to its matter", page.url().includes("/sak/"), page.url());
  await page.goto(base + "/sok");
  await page.fill("#f-words", "nedskriven");
  await page.fill("#f-to", "2020-01-01");
  await page.click("main button.main");
  check("R28 nothing before it was written", (await main()).includes("Inget hittades."), await main());
  await page.goto(base + "/sok");
  await page.click("main button.main");
  const seen = await page.locator(".card").count();
  check("R28 without a word everything is found, a page at a time", seen === 25 && !(await main()).includes("hemtjänst"), String(seen));
  const last = await page.locator(".card time").last().getAttribute("datetime");
  await page.click("text=Sök vidare bakåt");
  const first = await page.locator(".card time").first().getAttribute("datetime");
  check("R28 the next page goes on below", Date.parse(first) <= Date.parse(last), `${first} after ${last}`);
}

async function masks() {
  const page = await open({ acceptDownloads: true });
  await signIn(page, "rut", process.env.UPP_RUT);
  await goThrough(page, { base, check, clean });
  await page.context().close();
}

// The registrar takes what she found with her, as a file that any program unpacks.
async function takeOut() {
  const page = await open({ acceptDownloads: true });
  await signIn(page, "rut", process.env.UPP_RUT);
  await page.goto(base + "/sok");
  await page.fill("#f-words", "nedskriven nilsson");
  await page.click("main button.main");
  check("R28 what it is, that it is noted, and not to ask who asks, stands beside the button",
    (await page.locator("main").innerText()).includes("Det antecknas att du hämtar det. Fråga inte vem som begär."));
  await clean(page, "finds that can be taken out");
  const button = page.locator("form[action='/sok/underlag'] button");
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  check("R24 its name has no word of what it holds", /^utlamnande-\d{4}-\d\d-\d\d\.zip$/.test(download.suggestedFilename()), download.suggestedFilename());
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "upp-"));
  const file = path.join(folder, "hamtat.zip");
  await download.saveAs(file);
  execFileSync("python3", ["-m", "zipfile", "-e", file, folder]);
  const inside = path.join(folder, download.suggestedFilename().replace(".zip", ""));
  const rows = fs.readFileSync(path.join(inside, "sekretessprovning/handlingar.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line));
  check("R28 what was found is in it", rows.length === 1 && rows[0].text === "Nedskriven: när öppnar badet i morgon?" && rows[0].author === "Bo Nilsson",
    JSON.stringify(rows));
  const log = JSON.parse(fs.readFileSync(path.join(inside, "logg.json"), "utf8"));
  check("R28 how it was asked for is in it", log.made_by === "kommunledning-4" && log.search === "nedskriven nilsson" && log.rows === 1, JSON.stringify(log));
  execFileSync("sha256sum", ["--quiet", "-c", "manifest-sha256.txt"], { cwd: inside }); // it fails when one is not the same
  const reader = await open();
  await reader.goto("file://" + path.join(inside, "maskad/handlingar.html"));
  check("R28 a person reads it without us", (await reader.locator("h1").innerText()) === "Utlämnande av allmän handling" &&
    (await reader.locator("article").innerText()).includes("Nedskriven"));
  await reader.context().close();
  fs.rmSync(folder, { recursive: true });
  check("the page stays, and its button can be pressed again", page.url() === base + "/sok" && await button.isEnabled());
  await page.context().close();
}

async function see(page) {
  await page.goto(base + "/titta");
  if ((await cards(page)).length === 0) return check("Titta had something", false);
  await page.click("text=Allt visat är sett");
  check("R13 what was shown is seen", (await told(page)).includes("sett") && (await cards(page)).length === 0, await told(page));
  return true;
}

// Nothing but the keyboard: in, through a list, a decision.
async function keyboard() {
  const page = await open();
  await page.goto(base + "/");
  await page.keyboard.press("Tab");
  check("R30 the first stop leads past the navigation", (await page.evaluate(() => document.activeElement.className)) === "skip");
  const until = async (test) => {
    for (let i = 0; i < 60; i++) {
      if (await page.evaluate(test)) return true;
      await page.keyboard.press("Tab");
    }
    return false;
  };
  await until(() => document.activeElement.id === "f-name");
  await page.keyboard.type("frida");
  await page.keyboard.press("Tab");
  await page.keyboard.type(process.env.UPP_FRIDA);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/atgarda");
  const place = () => page.evaluate(() => document.activeElement.tagName + location.pathname);
  const before = await place();
  for (const key of ["j", "k", "s", "1", "?"]) await page.keyboard.press(key);
  check("R30 WCAG 2.1.4: no single key does anything before it is asked for", await place() === before, await place());
  await page.goto(base + "/hjalp");
  check("R30 Tab reaches the switch", await until(() => document.activeElement.id === "f-keys-on"));
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/hjalp?klart=*");
  check("R30 the keys are turned on, and it says so", (await told(page)).includes("Sparat i den här webbläsaren") && await page.isChecked("#f-keys-on"));
  await page.goto(base + "/atgarda");
  await page.keyboard.press("?");
  await page.waitForURL("**/hjalp");
  check("R30 then a question mark opens the help", (await page.locator("h1").innerText()) === "Hjälp");
  await page.goto(base + "/atgarda");
  await page.keyboard.press("j");
  const one = await page.evaluate(() => document.activeElement.getAttribute("href"));
  await page.keyboard.press("j");
  const two = await page.evaluate(() => document.activeElement.getAttribute("href"));
  await page.keyboard.press("k");
  check("R30 j and k go through a list", one && two && one !== two && await page.evaluate(() => document.activeElement.getAttribute("href")) === one);
  // one that nobody has decided on: its form is open
  const fresh = await page.locator(".card:not(:has(.tag.taken)) h3 a[href*='.m']").first().getAttribute("href");
  check("R30 Tab reaches it", await until(`document.activeElement.getAttribute("href") === ${JSON.stringify(fresh)}`));
  await page.keyboard.press("Enter");
  await page.waitForURL("**" + fresh);
  check("R30 Tab reaches the choices", await until(() => document.activeElement.name === "action"));
  await page.keyboard.press("2");
  check("R30 a key chooses", await page.isChecked("#f-action-hide"));
  check("R30 the focus is seen", await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== "none"));
  check("R30 Tab reaches the reasons", await until(() => document.activeElement.name === "reason"));
  await page.keyboard.press("Space");
  check("R30 Tab reaches the note", await until(() => document.activeElement.id === "f-note"));
  await page.keyboard.type("1 2 3 j k s");
  check("R30 keys do nothing while one writes", await page.isChecked("#f-action-hide") && await page.inputValue("#f-note") === "1 2 3 j k s");
  check("R30 Tab reaches the button", await until(() => document.activeElement.textContent === "Spara beslutet"));
  await page.keyboard.press("Enter");
  await page.waitForURL("**/atgarda**");
  check("R30 a decision by keyboard alone", (await told(page)).includes("Beslutet är sparat"), await told(page));
  await page.context().close();
}

// All of it without script.
async function scriptless() {
  const page = await open({ javaScriptEnabled: false });
  await signIn(page, "frida", process.env.UPP_FRIDA);
  const fresh = await page.locator(".card:not(:has(.tag.taken)) h3 a[href*='.m']").first().getAttribute("href");
  await page.goto(base + fresh);
  check("without script: the ground can be chosen", await page.isVisible("#f-ground"));
  await page.check("#f-action-keep");
  await page.check("#f-reason-within_rules");
  await page.click("text=Spara beslutet");
  check("without script: a decision", (await told(page)).includes("Beslutet är sparat"), await told(page));
  await page.goto(base + "/svara");
  const [first] = await cards(page);
  await page.goto(base + first);
  await page.fill("#f-text", "Hej!");
  await page.click("button[name=sign]");
  check("without script: the signature", (await page.inputValue("#f-text")) === "Hej!\n\nFrida, kommunikatör");
  await page.click("text=Logga ut");
  check("without script: out again", page.url().endsWith("/logga-in"));
  await page.context().close();
}

async function small() {
  const page = await open({ viewport: { width: 320, height: 700 } });
  await page.goto(base + "/logga-in");
  await clean(page, "sign-in at 320");
  await signIn(page, "frida", process.env.UPP_FRIDA);
  const [first] = await cards(page);
  for (const one of ["/atgarda", "/svara", "/konton", "/konto/x-sjoberga", "/nytt-konto", "/franvaro", "/overlamning", "/overlamning/biblioteket-3",
                     "/tillgang", "/status", "/rapport", "/behandlingar", "/gallringsstopp", "/losenord", first]) {
    await page.goto(base + one);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    check(`R30 ${one === first ? "a matter" : one} fits in 320 pixels`, over <= 0, over);
  }
  await page.context().close();
}

async function dark() {
  const page = await open({ colorScheme: "dark" });
  await signIn(page, "frida", process.env.UPP_FRIDA);
  const [first] = await cards(page);
  for (const one of ["/atgarda", "/status", "/rapport", first]) {
    await page.goto(base + one);
    await clean(page, "dark " + (one === first ? "matter" : one));
  }
  await page.goto(base + first);
  await page.click("text=Spara beslutet").catch(() => {});
  await clean(page, "dark errors");
  await page.context().close();
}

// The colours that were asked for, whatever the machine prefers.
async function colours() {
  for (const [prefers, asked, ground] of [["light", "dark", "rgb(20, 24, 26)"], ["dark", "light", "rgb(244, 243, 239)"]]) {
    const page = await open({ colorScheme: prefers });
    await signIn(page, "frida", process.env.UPP_FRIDA);
    await page.goto(base + "/hjalp");
    await page.check("#f-colours-" + asked);
    await page.click("main button.main");
    await page.goto(base + "/atgarda");
    check(`R30 ${asked} colours on a machine that prefers ${prefers} ones`,
      await page.evaluate(() => getComputedStyle(document.body).backgroundColor) === ground);
    await clean(page, `${asked} by choice`);
    await page.context().close();
  }
}

// Who cannot sign in can read how accessible the pages are, and tell what is not.
async function statement() {
  const page = await open({ javaScriptEnabled: false });
  await page.goto(base + "/");
  await page.click("footer a");
  const text = await page.locator("main").innerText();
  check("R30 the accessibility statement is there without a sign-in", page.url().endsWith("/tillganglighet") && text.includes("delvis förenlig"));
  check("R30 it says where to turn: us, and who supervises", await page.locator("main a[href^='mailto:']").count() === 1
    && await page.locator("main a[href='https://www.digg.se/tdosanmalan']").count() === 1, text.slice(-900));
  await page.context().close();
}

const page = await open();
const strange = [];
page.on("console", (m) => { if (!m.text().includes("status of 4")) strange.push(m.text()); });
page.on("pageerror", (e) => strange.push(String(e)));
await signIn(page, "frida", process.env.UPP_FRIDA);
check("signed in, at the first list", page.url().endsWith("/atgarda"), page.url());
await looks(page);
await beside(page, { base, check, clean, cards });
await order(page);
await together(page, { base, check, clean });
const asked = await decide(page);
await approve(asked);
await answer(page);
await claim(page);
await handOver(page);
await custody(page);
await disposal(page);
await find(page);
await takeOut();
await masks();
await see(page);
await keyboard();
await scriptless();
await small();
await dark();
await colours();
await statement();
check("the browser had nothing to complain about", strange.length === 0, strange.join(" | "));
await browser.close();
console.log("browser: done");
process.exit(bad ? 1 : 0);
