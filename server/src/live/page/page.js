
"use strict";
const LONGEST = 600, SILENCE = 5000, PAUSE = 1000;
const figures = [...document.querySelectorAll(".figure")].map(drawing);
const state = document.getElementById("state");
let samples = [];

function drawing(section) {
  const { key, unit } = section.dataset;
  const chart = section.querySelector(".chart");
  chart.innerHTML = `<div class="scale"><span class="most"></span></div>
    <svg viewBox="0 0 600 100" preserveAspectRatio="none" aria-hidden="true"><path class="grid" d="M0,0H600M0,50H600M0,100H600"/>
    <path class="area"/><path class="course"/><path class="head"/></svg>
    <div class="times"><span class="from"></span><span>now</span></div>`;
  const part = (name) => section.querySelector("." + name);
  const paths = { area: part("area"), course: part("course"), head: part("head") };
  return { key, unit, chart, label: section.querySelector("h3").textContent, value: part("value"), most: part("most"), from: part("from"), ...paths };
}

// The same texts as those of the server, in two parts.
function text(number, unit) {
  const [what, time] = unit.split("/");
  const per = time ? "/" + time : "";
  if (what === "count") return [Math.round(number).toLocaleString("en-US"), per];
  const names = ["B", "kB", "MB", "GB", "TB"];
  let size = 0;
  while (number >= 999.5 && size < names.length - 1) { number /= 1000; size++; }
  const decimals = size === 0 ? 0 : number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
  return [number.toFixed(decimals), " " + names[size] + per];
}

function joined(number, unit) {
  return text(number, unit).join("");
}

// The next of 1, 2, 5, 10, 20 and so on, which an axis ends with.
function roundUp(number, unit) {
  if (number <= 0) return unit.startsWith("bytes") ? 1000 : 1;
  const power = 10 ** Math.floor(Math.log10(number));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= number * 0.999);
}

function axis(number, unit) {
  return joined(number, unit).replace(/\.0+(?= )/, "").replace(/(\.\d*?)0+(?= )/, "$1");
}

function draw() {
  const last = samples[samples.length - 1];
  const age = last.unix_time_seconds - samples[0].unix_time_seconds;
  const span = [60, 120, 300, LONGEST].find((span) => age <= span) ?? LONGEST;
  const minutes = `${span / 60} min`;
  for (const figure of figures) {
    const now = last[figure.key];
    if (now === null) { figure.value.textContent = "not known here"; continue; }
    const known = samples.filter((sample) => sample[figure.key] !== null);
    const most = Math.max(...known.map((sample) => sample[figure.key]));
    const top = roundUp(most, figure.unit);
    const [number, unit] = text(now, figure.unit);
    figure.value.textContent = number;
    if (unit) figure.value.append(Object.assign(document.createElement("span"), { className: "unit", textContent: unit.trim() }));
    figure.most.textContent = axis(top, figure.unit);
    figure.from.textContent = `${minutes} ago`;
    const words = `${figure.label}: ${joined(now, figure.unit)} now, at most ${joined(most, figure.unit)} in the last ${minutes}`;
    figure.chart.setAttribute("aria-label", words);
    const point = (sample) => [
      600 * (1 - (last.unix_time_seconds - sample.unix_time_seconds) / span), 100 * (1 - sample[figure.key] / top),
    ].map((at) => at.toFixed(1)).join();
    let course = "", area = "", begun = null, before = null;
    for (const sample of known) {
      // Where the server was away or began anew, there is a gap.
      const isNear = before && sample.unix_time_seconds - before.unix_time_seconds < 3;
      const follows = isNear && sample.uptime_seconds > before.uptime_seconds;
      if (!follows && begun) area += `V100H${point(begun).split(",")[0]}Z`;
      if (!follows) begun = sample;
      course += (follows ? "L" : "M") + point(sample);
      area += follows ? "L" + point(sample) : `M${point(sample).split(",")[0]},100L${point(sample)}`;
      before = sample;
    }
    figure.course.setAttribute("d", course);
    figure.area.setAttribute("d", `${area}V100H${point(begun).split(",")[0]}Z`);
    figure.head.setAttribute("d", `M${point(last)}h0`);
  }
}

function say(words, isAway) {
  if (state.textContent !== words) state.textContent = words;
  document.body.classList.toggle("away", isAway);
}

function add(lines) {
  const newest = () => samples[samples.length - 1]?.unix_time_seconds ?? 0;
  for (const line of lines) {
    const sample = JSON.parse(line);
    if (sample.unix_time_seconds > newest()) samples.push(sample);
  }
  const oldest = newest() - LONGEST;
  samples = samples.filter((sample) => sample.unix_time_seconds >= oldest);
  if (samples.length === 0) return;
  document.body.classList.add("drawn");
  say("Live, once a second", false);
  draw();
}

// Reads lines as they come. It ends when the server does, or is silent for long.
async function read() {
  const silence = new AbortController();
  let alarm;
  const heard = () => { clearTimeout(alarm); alarm = setTimeout(() => silence.abort(), SILENCE); };
  heard();
  try {
    const response = await fetch("/live", { signal: silence.signal, cache: "no-store" });
    if (!response.ok) throw new Error(response.status);
    let rest = "";
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      heard();
      const lines = (rest + part.value).split("\n");
      rest = lines.pop();
      if (lines.length > 0) add(lines);
    }
  } finally {
    clearTimeout(alarm);
  }
}

async function follow() {
  for (;;) {
    await read().catch(() => {});
    say("The server is away; trying again", true);
    await new Promise((resume) => setTimeout(resume, PAUSE));
  }
}

function addCopyButtons() {
  if (!navigator.clipboard) return;
  for (const line of document.querySelectorAll(".line")) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
    button.setAttribute("aria-label", `Copy: ${line.textContent.trim()}`);
    const command = line.querySelector("code").textContent;
    button.onclick = async () => {
      await navigator.clipboard.writeText(command);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    };
    line.append(button);
  }
}

addCopyButtons();
follow();
