// beside.mjs - beside what is decided: the day's count of hard texts, the next of another category, what to
// write back (R12, R24, R25, R30).
export async function beside(page, { base, check, clean, cards }) {
  const main = () => page.locator("main").innerText();
  const kept = async () => (await page.context().cookies()).find((c) => c.name === "uppsikt-exposed")?.value ?? "";
  await page.goto(base + "/atgarda");
  let hard = "";
  for (const one of await cards(page)) {
    await page.goto(base + one);
    if ((await main()).includes("i den här webbläsaren")) {
      hard = one;
      break;
    }
  }
  if (!check("R24 something hard waits in the sample", hard !== "")) return;
  await clean(page, "a matter with the day's count");
  const before = await kept();
  await page.reload();
  check("R24 a reload is no other text", before !== "" && await kept() === before, `${before} ${await kept()}`);
  await page.click("text=Ta nästa från en annan kategori");
  check("R25 another one is open, or it is said that there is none",
    page.url() !== base + hard && (page.url().startsWith(base + "/sak/") || (await main()).includes("Inget annat väntar")), page.url());
  await page.goto(base + hard + "/text?skal=hate&som=dold");
  const texts = await page.locator("textarea").evaluateAll((all) => all.map((t) => t.value));
  check("R12 what to write back stands in three ways, signed", texts.length === 3 && texts[0].includes("Vi har dolt")
    && texts[1].includes("Vi har gömt") && texts[2].includes("We have hidden") && texts.every((t) => t.split("\n").at(-1).startsWith("Frida, ")), texts.join("|"));
  await clean(page, "what to write back");
}
