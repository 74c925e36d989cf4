
'use strict';
const $ = (id) => document.getElementById(id);
const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
function size(n) {
  let i = 0;
  while (n >= 1024 && i < units.length - 1) { n /= 1024; ++i; }
  return (i === 0 ? Math.round(n) : n.toFixed(n < 10 ? 2 : 1)) + ' ' + units[i];
}
const exact = (n) => size(n).replace(/\.0+ /, ' ');
const count = (n) => Math.round(n).toLocaleString('en-US');
const plural = (n, what) => count(n) + ' ' + what + (n === 1 ? '' : 's');
function duration(s) {
  if (s > 0 && s < 9.95) return s.toFixed(1) + ' s';
  s = Math.max(0, Math.round(s));
  if (s < 60) return s + ' s';
  if (s < 3600) return Math.floor(s / 60) + ' min ' + (s % 60) + ' s';
  if (s < 86400) return Math.floor(s / 3600) + ' h ' + Math.floor(s % 3600 / 60) + ' min';
  return Math.floor(s / 86400) + ' d ' + Math.floor(s % 86400 / 3600) + ' h';
}
function moment(ms) {
  const d = new Date(ms), two = (n) => String(n).padStart(2, '0');
  return d.getFullYear() + '-' + two(d.getMonth() + 1) + '-' + two(d.getDate()) + ' ' + two(d.getHours()) + ':' +
    two(d.getMinutes()) + ':' + two(d.getSeconds());
}
const percent = (share) => (100 * share).toFixed(1) + ' %';

function element(name, text, kind) {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  if (kind) e.className = kind;
  return e;
}

/* Columns: [title, kind]; rows: arrays of text. The first cell of a row is its header. */
function table(id, columns, rows, nothing, totals) {
  const t = $(id), caption = t.querySelector('caption');
  t.replaceChildren(caption);
  if (rows.length === 0) {
    const body = t.createTBody().insertRow();
    body.append(element('td', nothing, 'muted'));
    return;
  }
  const head = t.createTHead().insertRow();
  for (const [title, kind] of columns) {
    const th = element('th', title, kind);
    th.scope = 'col';
    head.append(th);
  }
  const body = t.createTBody();
  rows.forEach((cells, at) => {
    const row = body.insertRow();
    if (totals && at === rows.length - 1) row.className = 'total';
    cells.forEach((cell, i) => {
      const e = element(i === 0 ? 'th' : 'td', undefined, columns[i][1]);
      if (i === 0) e.scope = 'row';
      if (typeof cell === 'object') e.append(cell); else e.textContent = cell;
      row.append(e);
    });
  });
}

/* Averages of neighbours: [seconds, bytes a second, documents a second]. */
function rates(history) {
  const points = [];
  for (let i = 1; i < history.seconds.length; ++i) {
    const dt = history.seconds[i] - history.seconds[i - 1];
    if (dt <= 0) continue;
    points.push([history.seconds[i], (history.decodedBytes[i] - history.decodedBytes[i - 1]) / dt,
      (history.documents[i] - history.documents[i - 1]) / dt]);
  }
  return points;
}

/* Documents are counted a block at a time, so single seconds jump: a mean over five points, as far as there are. */
function smooth(points) {
  return points.map((p, i) => {
    const near = points.slice(Math.max(0, i - 4), i + 1);
    return [p[0], near.reduce((s, q) => s + q[1], 0) / near.length, near.reduce((s, q) => s + q[2], 0) / near.length];
  });
}

function shape(name, attributes, text) {
  const e = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  if (text !== undefined) e.textContent = text;
  return e;
}

/* The next round number above n; in binary units, so that the axis reads well. */
function ceiling(n) {
  let base = 1;
  while (base * 1024 <= n) base *= 1024;
  for (const step of [1, 2, 3, 4, 6, 8, 10, 16, 20, 30, 40, 60, 80, 100, 160, 200, 300, 400, 600, 800, 1024]) if (base * step >= n) return base * step;
  return n;
}

function chart(points) {
  const svg = $('chart'), width = Math.max(240, svg.clientWidth || 600), height = 180;
  const left = 78, right = width - 14, top = 8, bottom = height - 24;
  svg.setAttribute('viewBox', '0 0 ' + width + ' ' + height);
  svg.replaceChildren();
  if (points.length < 2) {
    $('rate-text').textContent = 'There is nothing to draw yet.';
    return;
  }
  const first = points[0][0], last = points[points.length - 1][0];
  const most = Math.max(...points.map((p) => p[1])), limit = ceiling(Math.max(1, most));
  const x = (s) => left + (right - left) * (s - first) / (last - first || 1);
  const y = (r) => bottom - (bottom - top) * r / limit;
  for (const share of [0, 0.5, 1]) {
    const at = y(limit * share);
    svg.append(shape('line', {class: 'grid', x1: left, x2: right, y1: at, y2: at}));
    svg.append(shape('text', {x: left - 6, y: at + 4, 'text-anchor': 'end'}, exact(limit * share) + '/s'));
  }
  for (const [s, anchor] of [[first, 'start'], [(first + last) / 2, 'middle'], [last, 'end']])
    svg.append(shape('text', {x: x(s), y: height - 6, 'text-anchor': anchor}, duration(s)));
  const line = points.map((p) => x(p[0]).toFixed(1) + ',' + y(p[1]).toFixed(1)).join(' ');
  svg.append(shape('polygon', {class: 'area', points: x(first) + ',' + bottom + ' ' + line + ' ' + x(last) + ',' + bottom}));
  svg.append(shape('polyline', {class: 'curve', points: line}));
}

function rateSection(data) {
  const raw = rates(data.history), points = smooth(raw);
  $('rate-section').hidden = data.final && points.length < 2;
  if (points.length >= 2) {
    const now = points[points.length - 1], all = points.map((p) => p[1]);
    $('rate-text').textContent = (data.final ? 'At the end ' : 'Now ') + size(now[1]) + '/s and ' + count(now[2]) +
      ' documents/s; on average ' + size(data.progress.bytesPerSecond) + '/s; between ' + size(Math.min(...all)) +
      '/s and ' + size(Math.max(...all)) + '/s.';
  }
  chart(points);
  const step = Math.max(1, Math.ceil(points.length / 20));
  table('rates', [['After'], ['JSON a second', 'number'], ['Documents a second', 'number']],
    points.filter((_, i) => (points.length - 1 - i) % step === 0).map((p) => [duration(p[0]), size(p[1]), count(p[2])]),
    'nothing yet');
}

function figures(data) {
  const p = data.progress, books = data.summary && data.summary.books, list = [];
  const add = (name, value, note, kind) => list.push([name, value, note, kind]);
  if (books) {
    add('Documents', count(books.documents));
    add('Accounts archived', count(data.summary.accountsArchived), 'over all runs');
    add('Dead letters', count(books.deadLetters), '', books.deadLetters ? 'warn' : 'good');
    add('JSON', size(books.documentBytes));
    add('Packs', size(books.packBytes), plural(books.packs, 'pack') + ', ' +
      (books.packBytes ? (books.documentBytes / books.packBytes).toFixed(2) : '–') + ' to 1');
    add('Playlists', count(books.playlists), plural(books.playlistEntries, 'entry').replace('entrys', 'entries'));
    add('Listens', count(books.listens));
    if (data.summary.shrunk)
      add('Shrunk', count(data.summary.shrunk), 'dumps that lost much: ' + data.summary.someShrunk.slice(0, 3).join(', ') + (data.summary.shrunk > 3 ? '…' : ''), 'bad');
    if (data.summary.roster)
      add('Roster', count(data.summary.roster.accounts), count(data.summary.roster.missing) + ' missing',
        data.summary.roster.missing ? 'bad' : 'good');
    add('Time', duration(data.summary.wallSeconds), duration(data.summary.cpuSeconds) + ' CPU');
    add('Peak memory', size(data.summary.peakMemory));
  } else {
    add('Documents', count(p.documents), plural(data.slices, 'slice') + ' committed');
    add('JSON', size(p.decodedBytes), size(p.bytesPerSecond) + '/s on average');
    add('Dead letters', count(p.deadLetters), '', p.deadLetters ? 'warn' : '');
    add('Read', size(p.inputBytes), p.inputBytesTotal ? 'of ' + size(p.inputBytesTotal) : 'of a pipe: no end known');
    add('Written', size(p.outputBytes));
    add('Elapsed', duration(p.seconds), 'since ' + moment(data.startedMs));
    add('Projected finish', data.finishMs ? moment(data.finishMs) : 'not known yet',
      data.finishMs ? 'in ' + duration((data.finishMs - data.nowMs) / 1000) : '');
  }
  if (data.deadlineMs)
    add('Deadline', moment(data.deadlineMs), data.finishMs && !data.final
      ? duration(Math.abs(data.deadlineMs - data.finishMs) / 1000) +
        (data.deadlineMs >= data.finishMs ? ' to spare' : ' TOO LATE') : '');
  if (data.headroom && !data.final)
    add('Headroom', data.headroom.toFixed(2), 'time left over time needed',
      data.headroom < 1 ? 'bad' : data.headroom < 1.5 ? 'warn' : 'good');
  if (!books) {
    add('Last commit', data.lastCommitMs ? duration((data.nowMs - data.lastCommitMs) / 1000) + ' ago' : 'none yet');
    add('Memory reserved', size(p.memoryUsed), 'of ' + size(p.memoryLimit));
  }
  const dl = $('figures');
  dl.replaceChildren();
  for (const [name, value, note, kind] of list) {
    const group = element('div'), dd = element('dd', value, kind);
    if (note) dd.append(element('small', note));
    group.append(element('dt', name), dd);
    dl.append(group);
  }
}

function histogram(id, sizes) {
  const rows = [], most = Math.max(1, ...sizes.counts);
  let first = sizes.counts.findIndex((n) => n > 0), last = sizes.counts.length - 1;
  while (last >= 0 && sizes.counts[last] === 0) --last;
  for (let i = first; first >= 0 && i <= last; ++i) {
    const bar = element('span');
    bar.style.width = 100 * sizes.counts[i] / most + '%';
    bar.hidden = sizes.counts[i] === 0;
    bar.setAttribute('aria-hidden', 'true');
    rows.push([i < sizes.upTo.length ? 'up to ' + exact(sizes.upTo[i]) : 'more', count(sizes.counts[i]), bar]);
  }
  table(id, [['Size'], ['Count', 'number'], ['', 'bars']], rows, 'none yet');
}

function tables(data) {
  const books = data.summary && data.summary.books, o = books || data.outcomes;
  const documents = books ? books.documents : data.progress.documents;
  table('outcomes', [['Outcome'], ['Documents', 'number']], [['written', count(o.written)], ['unchanged', count(o.unchanged)],
    ['dead letters', count(o.deadLetters)], ['all', count(documents)]], '', true);
  $('balance').textContent = books ? (books.balances ? 'The books balance.' : 'THE BOOKS DO NOT BALANCE.')
    : 'Of this process; an earlier one that it resumed is not counted here.';
  const dead = Object.entries(books ? books.deadLettersByReason : data.deadLettersByReason).sort((a, b) => b[1] - a[1]);
  table('dead', [['Reason'], ['Documents', 'number']], dead.map(([why, n]) => [why, count(n)]), data.final ? 'none' : 'none so far');
  const damaged = books ? Object.entries(books.damagedShards) : [];
  $('damaged-section').hidden = damaged.length === 0;
  table('damaged', [['Shard'], ['Damage']], damaged, 'none');
  const stages = data.stages;
  $('stages-section').hidden = stages.length === 0;
  table('stages', [['Stage'], ['Busy', 'number'], ['Queue', 'number'], ['', 'bars']], stages.map((s) => {
    const bar = element('span');
    bar.style.width = Math.min(100, 100 * s.busy) + '%';
    bar.setAttribute('aria-hidden', 'true');
    return [s.name, percent(s.busy), s.queue === undefined ? '' : count(s.queue), bar];
  }), 'not known');
  $('reading-section').hidden = data.final;
  table('reading', [['Shard'], ['Unit', 'number'], ['Slice', 'number'], ['Read', 'number']],
    data.inFlight.map((f) => [f.shard || 'not known yet', f.unit, f.slice, size(f.offset)]), 'none');
  table('slow', [['Shard'], ['On disk', 'number'], ['Time', 'number'], ['A second', 'number']],
    data.slowestShards.map((s) => [s.shard, size(s.bytes), duration(s.seconds), size(s.bytes / s.seconds)]),
    data.final ? 'none of this process' : 'no shard is finished yet');
  histogram('accounts', data.documentSizes);
  histogram('archives', data.archiveSizes);
}

let announced = '', announcedAt = 0;
/* For screen readers: changes of health at once, figures once a minute. */
function announce(text, urgent) {
  const now = Date.now();
  if (text === announced || (!urgent && now - announcedAt < 60000)) return;
  announced = text;
  announcedAt = now;
  $('announce').textContent = text;
}

const kinds = {running: 'good', sealing: 'good', finished: 'good', stopped: 'warn'};
let shown = null, lastHealth = '';
function render(data) {
  shown = data;
  const p = data.progress, incomplete = data.final && data.summary && data.summary.exitCode !== 0;
  const share = data.final || data.phase === 'sealing' ? 1 : p.inputBytesTotal ? Math.min(1, p.inputBytes / p.inputBytesTotal) : null;
  const word = incomplete ? 'finished, incomplete' : data.health;
  document.title = (share !== null && !data.final ? Math.floor(100 * share) + ' % · ' : '') + 'Outro · ' + word;
  $('service').textContent = '· ' + (data.service ? data.service + ', ' : '') + 'run ' + data.run;
  $('health').textContent = word;
  $('health').className = 'badge ' + (incomplete ? 'warn' : kinds[data.health] || 'bad');
  $('when').textContent = (data.final ? 'finished ' : 'as of ') + moment(data.nowMs);
  const bar = $('bar');
  if (share === null) bar.removeAttribute('value'); else { bar.max = 1; bar.value = share; }
  bar.parentElement.hidden = false;
  $('share').textContent = share === null ? '' : percent(share);
  const alerts = {hung: 'Nothing has moved for a while: look at what the job waits for (a stuck disk? a pipe that nobody fills?).',
    failed: 'The job failed: ' + data.error, stopped: 'The job was stopped; the same command goes on from there.'};
  let alert = alerts[data.health] || '', mild = false;
  if (!alert && data.headroom && !data.final && data.headroom < 1.5) {
    mild = data.headroom >= 1;
    alert = mild ? 'The deadline is tight: headroom is below 1.5.' : 'The deadline will be missed at this rate.';
  }
  if (incomplete) { mild = true; alert = 'Dead letters, damaged shards or missing accounts: see below, then run the same command with what was lacking.'; }
  show(alert, mild);
  figures(data);
  rateSection(data);
  tables(data);
  $('foot').textContent = 'outro ' + data.version + ' · started ' + moment(data.startedMs) + ' · times are of this browser' +
    (data.final ? ' · next: outro verify OUT --against DUMP…' : '');
  announce(word + (share === null ? ', ' : ', ' + Math.floor(100 * share) + ' percent, ') + count(p.documents) + ' documents, ' +
    plural(p.deadLetters, 'dead letter'), word !== lastHealth);
  lastHealth = word;
}
function show(alert, mild) {
  const e = $('alert');
  if (e.textContent !== alert) e.textContent = alert;
  e.className = 'alert' + (mild ? ' warn' : '');
  e.hidden = alert === '';
}

async function poll() {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), 5000);
  try {
    const answer = await fetch('status.json', {cache: 'no-store', signal: stop.signal});
    if (!answer.ok) throw new Error('status ' + answer.status);
    render(await answer.json());
  } catch (e) {
    show('The job no longer answers; these figures are of ' + moment(shown.nowMs) +
      '. If it has ended, OUT/report.html has the last ones; outro status OUT says how it ended.', false);
    $('health').textContent = 'no answer';
    $('health').className = 'badge bad';
  } finally {
    clearTimeout(timer);
  }
  setTimeout(poll, document.hidden ? 10000 : 2000);
}

render(JSON.parse($('data').textContent));
let resized = 0;
addEventListener('resize', () => { clearTimeout(resized); resized = setTimeout(() => rateSection(shown), 150); });
if (!shown.final && location.protocol.startsWith('http')) setTimeout(poll, 2000);
