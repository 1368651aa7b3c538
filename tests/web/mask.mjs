// mask.mjs - the registrar goes through what is proposed to be covered, changes it, sees it, and takes it
// with her (R28, R30).
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

async function taken(page, check) {
  const button = page.locator("button[name=make]");
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "upp-"));
  const file = path.join(folder, "hamtat.zip");
  await download.saveAs(file);
  execFileSync("python3", ["-m", "zipfile", "-e", file, folder]);
  const inside = path.join(folder, download.suggestedFilename().replace(".zip", ""));
  const csv = fs.readFileSync(path.join(inside, "maskningar.csv"), "utf8");
  const covered = fs.readFileSync(path.join(inside, "maskad/handlingar.jsonl"), "utf8");
  const log = JSON.parse(fs.readFileSync(path.join(inside, "logg.json"), "utf8"));
  check("R28 the package is what she saw", covered.includes("när öppnar █████ i morgon") && !covered.includes("badet")
    && !covered.includes("Nilsson"), covered);
  check("R28 it says who marked what, and by which law",
    csv.includes(";markerat av den som prövade;kommunledning-4;yes;kommunledning-4;OSL 21 kap. 7 §") && log.masks_reviewed_by === "kommunledning-4", csv);
  execFileSync("sha256sum", ["--quiet", "-c", "manifest-sha256.txt"], { cwd: inside }); // it fails when one is not the same
  fs.rmSync(folder, { recursive: true });
  check("the page stays, and its button can be pressed again", await button.isEnabled());
}

// `page` is the registrar's, who is signed in.
export async function goThrough(page, { base, check, clean }) {
  const main = () => page.locator("main").innerText();
  await page.goto(base + "/sok");
  await page.fill("#f-words", "nedskriven nilsson");
  await page.click("main button.main");
  await page.click("text=Gå igenom maskningen");
  check("R28 each text is shown as it will be handed out", (await main()).includes("Nedskriven: när öppnar badet i morgon?"), await main());
  await clean(page, "masks of all texts");
  await page.click("text=Ändra maskningen");
  await clean(page, "masks of one text");
  await page.fill("#f-phrase", "Badet");
  await page.click("text=Spara");
  check("R28 what she covers has a ground", (await page.locator(".errors").innerText()).includes("Välj vilken lag"));
  await clean(page, "masks of one text with a complaint");
  await page.selectOption("#f-ground", "4");
  await page.check("#f-author");
  await page.click("text=Spara");
  check("R28 she sees it covered", (await main()).includes("när öppnar █████ i morgon"), await main());
  await page.click("text=Spara och visa alla texter");
  check("R28 and on the page of all", (await main()).includes("när öppnar █████ i morgon"), await main());
  check("R28 nobody is asked who asks", await page.locator("main input:not([type=hidden]), main textarea").count() === 0);
  await taken(page, check);
}
