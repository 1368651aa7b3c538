// main_job.mjs - what one person does at the console, in a real browser: signs in, then each step of
// UPP_STEPS (JSON). Prints one line PASS or FAIL each; tests/e2e/main_job_test.py drives it.
import { chromium } from "playwright-core";

const base = process.env.UPP_WEB;
let bad = 0;

function check(name, holds, detail = "") {
  if (!holds) bad++;
  console.log((holds ? "PASS " : "FAIL ") + name + (holds || detail === "" ? "" : `  [${detail}]`));
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "sv-SE" });
context.setDefaultTimeout(20000);
const page = await context.newPage();
const told = () => page.locator(".done, .errors").allInnerTexts().then((all) => all.join(" "));

async function decide(step) {
  await page.goto(`${base}/sak/${step.matter}`);
  await page.check(`#f-action-${step.action}`);
  await page.check(`#f-reason-${step.reason}`);
  if (step.ground) await page.selectOption("#f-ground", step.ground);
  await page.fill("#f-note", step.note);
  await page.click("text=Spara beslutet");
  check(`r20 r25 at the console: ${step.name}`, (await told()).includes(step.says), await told());
}

// R25: what is hidden is shown again from the page of its matter, which is met: with a reason and words of why.
async function show(step) {
  await page.goto(`${base}/sak/${step.matter}`);
  await page.click("section[aria-labelledby=visa] summary");
  const send = page.locator("form[action$='/visa'] button");
  await page.check(`#f-stays-${step.reason}`);
  await send.click();
  check("r25 at the console: nothing is shown again without words of why", (await told()).includes("Skriv varför"), await told());
  await page.fill("#f-because", step.note);
  await send.click();
  check("r25 at the console: then it is decided", (await told()).includes("Den visas igen"), await told());
  const history = await page.locator("ol.history").innerText();
  check("r25 at the console: the history says who decided it, and why",
    history.includes(`Beslut: visa igen (${step.who}`) && history.includes(step.note), history);
}

// R23: the list is of all that one may approve; who asked is not offered the button.
async function mine(step) {
  await page.goto(`${base}/sak/${step.matter}`);
  check("r23 at the console: who asked cannot approve", await page.locator("form[action^='/godkann/']").count() === 0, await told());
}

async function approve(step) {
  await page.goto(`${base}/godkann`);
  await page.click(`a[href='/sak/${step.matter}']`);
  await page.click("text=Godkänn borttagningen");
  check("r23 at the console: a second person approves", (await told()).includes("Godkänt"), await told());
}

async function answer(step) {
  await page.goto(`${base}/sak/${step.matter}`);
  await page.fill("#f-text", step.text);
  await page.click("button[name=send]");
  check("r11 at the console: an answer without a signature is refused, with the cure",
    (await told()).includes("Lägg till förnamn och titel"), await told());
  await page.click("button[name=sign]");
  const signed = await page.inputValue("#f-text");
  check("r11 at the console: one click signs it", signed === `${step.text}\n\n${step.sign}`, signed);
  await page.click("button[name=send]");
  check("r11 at the console: then it is taken", (await told()).includes("på väg"), await told());
}

async function lists(step) {
  for (const [path, matters] of Object.entries(step.lists)) {
    await page.goto(base + path);
    const there = await page.locator(".card h3 a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    check(`r20 at the console: ${path} lists what waits`, matters.every((m) => there.includes(`/sak/${m}`)), there.join(" "));
  }
}

// R22, R29: what was saved before the comment went, from the matter's page.
async function copy(step) {
  await page.goto(`${base}/sak/${step.matter}`);
  await page.click("section[aria-labelledby=kopior] a:has-text('Hela kommentaren')");
  const width = await page.locator("img.copy").evaluate((img) => img.decode().then(() => img.naturalWidth));
  check("r22 at the console: the picture of a saved copy is shown", width > 100, width);
  const filter = () => page.locator("img.copy").evaluate((img) => getComputedStyle(img).filter);
  check("r30 it is blurred and without colour until she asks", (await filter()).includes("blur(12px) grayscale(1)"), await filter());
  await page.check("text=Visa bilden skarpt och i färg");
  check("r30 then it is sharp", (await filter()) === "none", await filter());
  const get = async (words) => context.request.get(base + await page.locator(`a:has-text('${words}')`).getAttribute("href"));
  const facts = await get("Uppgifter om kommentaren");
  check("r22 at the console: what was written is in it, as plain text",
    facts.headers()["content-type"].startsWith("text/plain") && (await facts.text()).includes(step.text), await facts.text());
  const html = await get("Samma sak som webbsida");
  check("r22 at the console: a page of the copy is only saved, never run as ours",
    html.headers()["content-type"] === "application/octet-stream" && html.headers()["content-disposition"].startsWith("attachment"),
    JSON.stringify(html.headers()));
  await page.click("text=Tillbaka till kommentaren");
  check("r22 at the console: from the copy one comes back to the matter", page.url().endsWith(`/sak/${step.matter}`), page.url());
}

const deeds = { decide, show, mine, approve, answer, lists, copy };
await page.goto(base + "/");
await page.fill("#f-name", process.env.UPP_NAME);
await page.fill("#f-password", process.env.UPP_WORD);
await page.click("button.main");
check(`r25 at the console: ${process.env.UPP_NAME} signs in`, page.url().endsWith("/atgarda"), page.url());
for (const step of JSON.parse(process.env.UPP_STEPS)) await deeds[step.do](step);
await browser.close();
console.log("browser: done");
process.exit(bad ? 1 : 0);
