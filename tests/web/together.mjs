// together.mjs - one decision on many comments in a browser, by keyboard alone (R25, R30).

// Tab, until the focus is on what the selector names; false: it never comes there.
async function reach(page, selector) {
  for (let i = 0; i < 400; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return true;
    await page.keyboard.press("Tab");
  }
  return false;
}

export async function together(page, { base, check, clean }) {
  await page.goto(base + "/atgarda");
  const boxes = page.locator("input[name=m]");
  const all = await boxes.count();
  check("R30 together: each comment of the list has a box", all > 8, all);
  await page.click("text=Välj alla som visas");
  check("R25 together: a link ticks all that are shown", await page.locator("input[name=m]:checked").count() === all);
  await clean(page, "the list with boxes");
  await page.click("text=Välj ingen");
  check("R25 together: and another one none", await page.locator("input[name=m]:checked").count() === 0);
  await page.focus("main form[action='/flera'] button");
  await page.keyboard.press("Enter");
  check("R30 together: nothing chosen is said to be so", (await page.locator(".errors").innerText()).includes("Välj minst en"));
  // None that is decided already, and no message: those are decided one by one.
  const free = page.locator(".card:not(:has(.tag.taken)):not(:has(p.quiet)) input[name=m]");
  const ids = (await free.evaluateAll((found) => found.map((box) => box.id))).slice(-4, -2);
  for (const id of ids) {
    await page.locator(`[id="${id}"]`).focus();
    await page.keyboard.press("Space");
  }
  await reach(page, "form[action='/flera'] button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#valda");
  const listed = await page.locator("main").innerText();
  check("R25 together: what is chosen is listed, nothing has happened", listed.includes("Valda: 2") && listed.includes("Inget är beslutat än"), listed.slice(0, 300));
  await clean(page, "what is chosen");
  for (const one of ["#f-action-keep", "#f-reason-opinion"]) {
    await page.focus(one);
    await page.keyboard.press("Space");
  }
  check("R30 together: the button is reached by Tab", await reach(page, "form[action='/flera/granska'] button"));
  await page.keyboard.press("Enter");
  await page.waitForSelector("#samman");
  const sure = await page.locator("main").innerText();
  check("R25 together: the decision is shown before it is made", sure.includes("Stämmer det här?") && sure.includes("Kritik eller åsikt"), sure.slice(0, 300));
  await clean(page, "the decision to confirm");
  await reach(page, "form[action='/flera/beslut'] button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#klara");
  const told = await page.locator("main").innerText();
  check("R25 together: what became of each is told", told.includes("2 av 2 är beslutade"), told.slice(0, 300));
  await clean(page, "what became of them");
  await page.goto(base + "/atgarda");
  check("R25 together: they wait no more", await boxes.count() <= all - 2, await boxes.count());
}
