// The four steps of an upload, in words: sent, accepted, stored, cached. Pure.

import { bytes, clockTime, counted, number, t } from './i18n.js';
import { kMaxAttempts } from './upload.js';

/** The word for the upload as a whole, and the colour it goes by. */
export function badgeOf(upload) {
  if (upload.phase !== 'accepted') return upload.phase;
  if (['parked', 'partly', 'unapplied'].includes(upload.cached.state)) return upload.cached.state;
  if (upload.cached.state === 'done' && upload.stored.state === 'done') return 'cached';
  return upload.stored.state === 'done' ? 'stored' : 'accepted';
}

/** `[{name, state, detail}]`; state is todo, active, trouble, done or failed. */
export function stepsOf(upload) {
  return [sentStep(upload), acceptedStep(upload), storedStep(upload), cachedStep(upload)];
}

function sentStep(upload) {
  const step = (state, detail) => ({ name: 'sent', state, detail });
  const size = bytes(upload.facts.size);
  switch (upload.phase) {
    case 'sending': return step('active', sendingText(upload, size));
    case 'waiting': return step('trouble', waitingText(upload.waiting));
    case 'accepted':
    case 'refused': return step('done', t('sent.done', { size, time: clockTime(upload.facts.startedAt) }));
    default: return step('failed', t(`sent.${upload.phase}`, { attempts: kMaxAttempts }));
  }
}

function sendingText({ sent, facts }, size) {
  if (sent >= facts.size) return t('sent.whole', { size });
  return t('sent.progress', { percent: number((100 * sent) / facts.size), size });
}

function waitingText({ attempt, until, status }) {
  const seconds = number(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
  return t(status === 0 ? 'sent.retry.offline' : 'sent.retry', { attempt, attempts: kMaxAttempts, seconds });
}

function acceptedStep({ facts, phase, receipts }) {
  const parts = { done: number(receipts.length), total: number(facts.ids.length) };
  if (phase === 'refused') {
    const detail = receipts.length > 0 ? t('accepted.partly', parts) : t('accepted.refused');
    return { name: 'accepted', state: 'failed', detail };
  }
  if (!facts.receipt && receipts.length > 0) {
    return { name: 'accepted', state: 'active', detail: t('accepted.progress', parts) };
  }
  if (!facts.receipt) return { name: 'accepted', state: 'todo', detail: t('accepted.todo') };
  const records = counted('records', facts.receipt.records);
  return { name: 'accepted', state: 'done', detail: t('accepted.done', { records }) };
}

function storedStep({ stored }) {
  return { name: 'stored', ...watchStep('stored', stored, () => counted('stored.done', stored.total)) };
}

function cachedStep({ cached, facts }) {
  const done = () => t(facts.ttl > 0 ? 'cached.done' : 'cached.kept', {
    records: counted('records', facts.receipt.records),
    seconds: number(facts.ttl),
  });
  return { name: 'cached', ...watchStep('cached', cached, done) };
}

/** What a reason begins with, and the words for it; any other is shown as it is. */
const kReasons = { conflict: 'parked.conflict', views: 'parked.views' };

function parkedText(reason) {
  const words = kReasons[reason.split(':')[0]];
  return t('parked', { reason: words ? t(words) : reason });
}

function watchStep(name, { state, done, total, reason, outcome }, doneText) {
  const what = t(`${name}.progress`, { done: number(done), total: number(total) });
  switch (state) {
    case 'todo': return { state: 'todo', detail: t(`${name}.todo`) };
    case 'watching': return { state: 'active', detail: what };
    case 'done': return { state: 'done', detail: doneText() };
    case 'stopped': return { state: 'failed', detail: t('watch.stopped') };
    case 'parked': return { state: 'failed', detail: parkedText(reason) };
    case 'partly':
    case 'unapplied': return { state: 'failed', detail: counted('cached.refused', outcome.notApplied) };
    case 'locked': return { state: 'failed', detail: t('watch.locked') };
    default: return { state: 'trouble', detail: t(`watch.${state}`, { what }) };
  }
}
