// Draws the figures of a page in the colours of its style, again when the style changes; nothing else needs a script.
"use strict";

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const hue = (name) => style(name) || style(name.startsWith("--v-") ? "--v-other" : "--muted");

function coloured(value) {
  if (typeof value === "string") return value.startsWith("--") ? hue(value) : value;
  if (Array.isArray(value)) return value;
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coloured(item)]));
  }
  return value;
}

function draw(element) {
  const figure = JSON.parse(element.dataset.figure);
  const axis = { gridcolor: hue("--grid"), zeroline: false, linecolor: hue("--rule"), automargin: true };
  const layout = {
    ...figure.layout, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: hue("--ink") },
    margin: { l: 50, r: 10, t: 10, b: 40 }, hovermode: "closest",
    xaxis: { ...axis, ...figure.layout.xaxis }, yaxis: { ...axis, ...figure.layout.yaxis },
  };
  const traces = figure.data.map(coloured);
  Plotly.react(element, traces, layout, { responsive: true, displaylogo: false, displayModeBar: false });
  element.removeAllListeners?.("plotly_click");
  element.on("plotly_click", (event) => {
    const target = event.points[0].customdata;
    if (typeof target === "string" && target.startsWith("/compare?")) window.location.assign(target);
  });
}

const drawAll = () => document.querySelectorAll("figure.plot").forEach(draw);
drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
document.querySelectorAll("[data-submit]").forEach((field) => field.addEventListener("change", () => field.form.submit()));
document.querySelectorAll("textarea").forEach((area) => area.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) area.form.submit();
}));
