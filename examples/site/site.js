// What the pages do in the browser. Each part works on the element that names it, and without JavaScript the pages say what to do.
'use strict';

const text = (element, value) => { element.textContent = value; };

// Workers: many requests at once, a lane for each worker that answers.
for (const card of document.querySelectorAll('[data-workers]')) {
  const lanes = card.querySelector('[data-lanes]');
  const status = card.querySelector('[data-status]');
  const again = card.querySelector('[data-again]');
  const requests = 24;

  const ask = async () => {
    again.disabled = true;
    lanes.replaceChildren();
    text(status, 'Asking …');
    const counts = new Map();
    const started = performance.now();
    const one = async () => {
      const { pid } = await (await fetch(`${card.dataset.workers}?hold=60`, { cache: 'no-store' })).json();
      if (!counts.has(pid)) {
        const lane = document.createElement('li');
        const name = document.createElement('span');
        name.className = 'pid';
        text(name, pid);
        const bar = document.createElement('span');
        bar.className = 'bar';
        bar.setAttribute('aria-hidden', 'true');
        const count = document.createElement('span');
        count.className = 'count';
        lane.append(name, bar, count);
        lanes.append(lane);
        counts.set(pid, { n: 0, bar, count });
      }
      const lane = counts.get(pid);
      lane.n += 1;
      lane.bar.append(document.createElement('i'));
      text(lane.count, `${lane.n} ${lane.n === 1 ? 'answer' : 'answers'}`);
    };
    const results = await Promise.allSettled(Array.from({ length: requests }, one));
    const failed = results.filter((r) => r.status === 'rejected').length;
    const took = Math.round(performance.now() - started);
    const who = `${counts.size} ${counts.size === 1 ? 'worker' : 'workers'}`;
    text(status, failed ? `${failed} of ${requests} requests failed.` : `${requests} answers from ${who} in ${took} ms.`);
    again.disabled = false;
  };
  again.hidden = false;
  again.addEventListener('click', ask);
  ask();
}

// Stream: lines as they arrive.
for (const card of document.querySelectorAll('[data-stream]')) {
  const lines = card.querySelector('[data-lines]');
  const status = card.querySelector('[data-status]');
  const again = card.querySelector('[data-again]');
  const progress = card.querySelector('progress');

  const run = async () => {
    again.disabled = true;
    text(lines, '');
    progress.value = 0;
    text(status, 'Waiting for the first line …');
    const started = performance.now();
    let pieces = 0;
    try {
      const response = await fetch(card.dataset.stream, { cache: 'no-store' });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        pieces += 1;
        const at = ((performance.now() - started) / 1000).toFixed(2);
        lines.append(...value.trimEnd().split('\n').map((line) => `${at} s  ${line}\n`));
        progress.value = lines.textContent.trimEnd().split('\n').length;
        text(status, 'Streaming …');
      }
      text(status, `Arrived in ${pieces} pieces over ${((performance.now() - started) / 1000).toFixed(1)} s.`);
    } catch (error) {
      text(status, `The stream broke off: ${error.message}`);
    }
    again.disabled = false;
  };
  again.hidden = false;
  again.addEventListener('click', run);
  run();
}

// Finish: the answer comes before the work is done.
for (const card of document.querySelectorAll('[data-finish]')) {
  const status = card.querySelector('[data-status]');
  const again = card.querySelector('[data-again]');
  const step = (name, note) => {
    const item = card.querySelector(`[data-step="${name}"]`);
    item.className = note ? 'done' : '';
    item.dataset.note = note;
  };

  const run = async () => {
    again.disabled = true;
    for (const name of ['asked', 'answered', 'done']) step(name, '');
    const started = performance.now();
    const since = () => `${Math.round(performance.now() - started)} ms`;
    try {
      step('asked', '0 ms');
      text(status, 'Waiting for the answer …');
      const { job, pid } = await (await fetch(card.dataset.finish, { method: 'POST' })).json();
      step('answered', since());
      text(status, `Worker ${pid} has answered and works on …`);
      for (;;) {
        const done = await (await fetch(`${card.dataset.finish}?job=${job}`, { cache: 'no-store' })).json();
        if (done) {
          step('done', since());
          text(status, `Worker ${done.pid} was done at ${done.done}.`);
          break;
        }
        await new Promise((resolve) => { setTimeout(resolve, 200); });
      }
    } catch (error) {
      text(status, `That failed: ${error.message}`);
    }
    again.disabled = false;
  };
  again.hidden = false;
  text(status, 'Not started yet.');
  again.addEventListener('click', run);
}
