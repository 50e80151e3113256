'use strict';

const REFRESH_MS = 1000;
const KINDS = ['nearest', 'sinkhorn', 'spilled'];
const PLOT = { left: 48, right: 790, top: 12, bottom: 188 };

const element = id => document.getElementById(id);
const whole = new Intl.NumberFormat('en-GB');
const percent = new Intl.NumberFormat('en-GB', { style: 'percent', maximumFractionDigits: 2 });
const decimal = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 4 });
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

let selected = null;

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...children);
  return made;
}

function draw(tag, attributes, text) {
  const drawn = document.createElementNS('http://www.w3.org/2000/svg', tag);
  Object.entries(attributes).forEach(([name, value]) => drawn.setAttribute(name, value));
  if (text !== undefined) {
    drawn.textContent = text;
  }
  return drawn;
}

function showModels(all) {
  element('models').replaceChildren(...all.map(metrics => {
    const version = metrics.modelVersion;
    const button = make('button', { type: 'button', 'aria-pressed': version === selected }, version);
    button.addEventListener('click', () => {
      selected = version;
      refresh();
    });
    return button;
  }));
}

function showTiles(metrics) {
  const tiles = [
    ['items', whole.format(metrics.items)],
    ['distinct codes', whole.format(metrics.distinctCodes)],
    ['raw collision rate', percent.format(metrics.rawCollisionRate)],
    ['largest conflict', whole.format(metrics.largestConflict)],
    ['quantisation error', decimal.format(metrics.meanQuantisationError)],
  ];
  element('tiles').replaceChildren(
    ...tiles.map(([name, value]) => make('div', { class: 'tile' }, make('b', {}, value), make('span', {}, name))));
}

function showResolved(resolved, items) {
  const share = kind => percent.format(items === 0 ? 0 : resolved[kind] / items);
  const said = KINDS.map(kind => `${kind} ${share(kind)}`).join(', ');
  element('resolved').setAttribute('aria-label', said);
  element('resolved').replaceChildren(...KINDS.filter(kind => resolved[kind] > 0).map(kind =>
    make('div', { class: kind, style: `flex: ${resolved[kind]} 0 3px`, title: `${kind} ${share(kind)}` })));
  element('resolved-legend').replaceChildren(...KINDS.map(kind => make('li', {},
    make('i', { class: kind }), `${kind} ${whole.format(resolved[kind])} `, make('em', {}, share(kind)))));
}

function showLevels(levels) {
  element('levels').replaceChildren(...levels.map((level, index) => make('tr', {},
    make('td', {}, String.fromCharCode(97 + index)),
    make('td', {}, make('div', { class: 'bar', title: percent.format(level.utilisation) },
      make('div', { style: `width: ${100 * level.utilisation}%` }))),
    make('td', {}, `${level.used} `, make('em', {}, `of ${level.size}`)),
    make('td', {}, level.perplexity.toFixed(1)),
    make('td', {}, level.entropy.toFixed(3)))));
}

function roundUp(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map(step => step * unit).find(step => step >= value * 0.999);
}

function showCurve(points) {
  const times = points.map(point => Date.parse(point.time));
  const first = Math.min(...times);
  const span = Math.max(...times) - first || 1;
  const top = Math.min(1, roundUp(Math.max(0.01, ...points.map(point => point.rawCollisionRate))));
  const x = index => PLOT.left + (PLOT.right - PLOT.left) * (times[index] - first) / span;
  const y = rate => PLOT.bottom - (PLOT.bottom - PLOT.top) * rate / top;
  const line = points.map((point, index) =>
    `${index === 0 ? 'M' : 'L'}${x(index).toFixed(1)},${y(point.rawCollisionRate).toFixed(1)}`).join('');
  const last = points.length - 1;
  const grid = [0, 0.5, 1].flatMap(part => [
    draw('line', { x1: PLOT.left, x2: PLOT.right, y1: y(part * top), y2: y(part * top) }),
    draw('text', { x: PLOT.left - 8, y: y(part * top) + 4, 'text-anchor': 'end' }, percent.format(part * top)),
  ]);
  element('curve').replaceChildren(
    ...grid,
    draw('path', { class: 'area', d: `${line}L${x(last)},${PLOT.bottom}L${x(0)},${PLOT.bottom}Z` }),
    draw('path', { d: line }),
    draw('circle', { cx: x(last), cy: y(points[last].rawCollisionRate), r: 4 }),
    draw('text', { x: PLOT.left, y: 210 }, clock.format(times[0])),
    draw('text', { x: PLOT.right, y: 210, 'text-anchor': 'end' }, clock.format(times[last])));
}

async function read(path) {
  const response = await fetch(path, { cache: 'no-store' });
  if (!response.ok) {
    throw new Error(`${path} answered ${response.status}`);
  }
  return response.json();
}

async function refresh() {
  const all = await read('metrics/index');
  element('empty').hidden = all.length > 0;
  element('index').hidden = all.length === 0;
  showState(all.length === 0 ? 'waiting' : '', false);
  if (all.length === 0) {
    return;
  }
  const newest = all.reduce((a, b) => (a.time > b.time ? a : b));
  const metrics = all.find(one => one.modelVersion === selected) ?? newest;
  selected = metrics.modelVersion;
  showModels(all);
  showTiles(metrics);
  showResolved(metrics.resolved, metrics.items);
  showLevels(metrics.levels);
  showCurve(await read(`metrics/index/${encodeURIComponent(selected)}/history`));
  showState(`as of ${clock.format(Date.parse(metrics.time))}`, false);
}

function showState(text, stale) {
  element('state').textContent = text;
  element('state').classList.toggle('stale', stale);
}

async function follow() {
  try {
    await refresh();
  } catch (failure) {
    showState(`not connected: ${failure.message}`, true);
  }
  setTimeout(follow, REFRESH_MS);
}

follow();
