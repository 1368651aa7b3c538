// console.js - makes the pages quicker, never possible: all of it works without. No build step.

// After a complaint the summary is where one is.
document.getElementById("fel")?.focus();

// What only a removal needs is shown when a removal is chosen.
const ground = document.querySelector("[data-for=delete]");
const actions = document.querySelectorAll("input[name=action]");
function showGround() {
  if (!ground || actions.length === 0) return;
  const chosen = document.querySelector("input[name=action]:checked");
  ground.hidden = chosen?.value !== "delete";
}
for (const one of actions) one.addEventListener("change", showGround);
showGround();

// A double click sends once; the server would count it once, too.
for (const form of document.forms) {
  if (form.method !== "post" || form.getAttribute("action") === "/sok/underlag") continue; // a file: the page stays
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "make") return; // likewise
    setTimeout(() => {
      for (const button of form.querySelectorAll("button")) button.disabled = true;
    });
  });
}
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("button")) button.disabled = false;
});

// Keys, as /hjalp says: only when they were turned on there, for they act wherever one is on the page
// (WCAG 2.1.4); never in a field, never with a modifier but Shift.
const links = [...document.querySelectorAll(".card h3 a")];
function step(by) {
  if (links.length === 0) return;
  const now = links.indexOf(document.activeElement);
  links[Math.min(Math.max(now + by, 0), links.length - 1)].focus();
}
const keys = {
  j: () => step(1),
  k: () => step(-1),
  1: () => document.getElementById("f-action-keep")?.click(),
  2: () => document.getElementById("f-action-hide")?.click(),
  3: () => document.getElementById("f-action-delete")?.click(),
  s: () => document.getElementById("f-text")?.focus(),
  "?": () => location.assign("/hjalp"),
};
if (document.documentElement.dataset.keys === "on") addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.target.closest?.("input:not([type=radio]), textarea, select")) return;
  const act = keys[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});
