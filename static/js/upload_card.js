// One upload in the list: built once, then only its texts and states change, so that nothing jumps, and
// neither focus nor selection is lost.

import { announce, element, icon, setText } from './dom.js';
import { problemView } from './faults.js';
import { clockTime, counted, number, t } from './i18n.js';
import { KeyList } from './key_list.js';
import { outcomeView } from './outcome_view.js';
import { objectLink } from './saved_link.js';
import { badgeOf, stepsOf } from './steps.js';

const kSteps = ['sent', 'accepted', 'stored', 'cached'];
const kShownObjects = 6;
const kOver = ['stopped', 'parked', 'partly', 'unapplied']; // until the next look at it

export class UploadCard {
  /** `titleOfKind(name)` in the page's language. */
  constructor(upload, titleOfKind) {
    this.upload = upload;
    this.titleOfKind = titleOfKind;
    this.badge = element('span', { class: 'badge' });
    this.meta = element('span', { class: 'note meta' });
    this.steps = kSteps.map(stepNode);
    this.bar = element('progress', { class: 'sent-bar', max: upload.facts.size, value: 0 });
    this.steps[0].body.append(this.bar);
    this.objects = element('span', { class: 'links' });
    this.steps[2].body.append(this.objects);
    this.problem = element('div', { class: 'problem-place' });
    this.keys = new KeyList(upload);
    this.id = element('code', {});
    this.idLabel = element('span', {});
    this.repeatNote = element('p', { class: 'note repeat' });
    this.button = element('button', { type: 'button', class: 'button small', onclick: () => this.press() });
    this.details = this.build();
    this.node = element('li', {}, this.details);
    this.update();
  }

  build() {
    const summary = element('summary', {},
      element('span', { class: 'file-name' }, this.upload.facts.name), this.badge, this.meta, icon('chevron'));
    return element('details', { class: 'upload', open: true }, summary,
      element('ol', { class: 'steps' }, ...this.steps.map(({ node }) => node)),
      this.problem, this.keys.node,
      element('div', { class: 'foot' },
        element('p', { class: 'note' }, this.idLabel, ' ', this.id), this.repeatNote, this.button));
  }

  /** Shows what has changed. Cheap enough for every tick. */
  update() {
    const { facts } = this.upload;
    this.updateBadge();
    setText(this.meta, [this.titleOfKind(facts.kind), counted('records', facts.records), clockTime(facts.startedAt)]
      .filter(Boolean).join(' · '));
    stepsOf(this.upload).forEach((step, index) => updateStep(this.steps[index], step));
    this.bar.value = this.upload.sent;
    this.bar.hidden = !this.upload.onItsWay;
    this.updateObjects();
    this.updateProblem();
    this.keys.node.hidden = facts.keys.length === 0 || this.wasTurnedAway();
    this.keys.update();
    setText(this.idLabel, t('upload.id'));
    this.updateId();
    this.updateButton();
  }

  /** In another language everything is said anew. */
  translate() {
    this.shownProblem = this.shownObjects = undefined;
    this.update();
  }

  updateBadge() {
    const badge = badgeOf(this.upload);
    setText(this.badge, t(`badge.${badge}`));
    if (badge === this.details.dataset.badge) return;
    this.details.dataset.badge = badge;
    announce(`${this.upload.facts.name}: ${t(`badge.${badge}`)}`);
  }

  updateObjects() {
    const { receipt } = this.upload.facts;
    const stored = receipt ? receipt.links.objects.slice(0, this.upload.stored.done) : [];
    if (stored.length === this.shownObjects) return;
    this.shownObjects = stored.length;
    const links = stored.slice(0, kShownObjects);
    const single = receipt?.links.objects.length === 1;
    this.objects.replaceChildren(...links.map((href, index) =>
      objectLink(href, this.upload.facts.isGuarded,
        single ? t('stored.open') : t('stored.open.numbered', { number: index + 1 }))));
    if (stored.length > links.length) this.objects.append(element('span', {}, `+${stored.length - links.length}`));
  }

  /** Until it is accepted its key stands for it. */
  updateId() {
    const { ids, receipt } = this.upload.facts;
    const [first, ...others] = receipt?.uploads ?? ids;
    setText(this.id, others.length > 0 ? `${first} + ${number(others.length)}` : first);
  }

  updateProblem() {
    const { problem, cached, acceptedRecords } = this.upload;
    const shown = problem ?? (cached.outcome?.notApplied > 0 ? cached.outcome : null);
    if (shown === this.shownProblem) return;
    this.shownProblem = shown;
    const view = () => (problem ? problemView(problem, acceptedRecords) : outcomeView(shown));
    this.problem.replaceChildren(...(shown ? [view()] : []));
  }

  wasTurnedAway() {
    return ['refused', 'failed', 'cancelled', 'parked', 'unapplied'].includes(badgeOf(this.upload));
  }

  updateButton() {
    const action = this.action();
    this.button.hidden = action === null;
    if (action) setText(this.button, t(action));
    this.repeatNote.hidden = action !== 'upload.again';
    setText(this.repeatNote, t('upload.repeated'));
  }

  action() {
    const { phase, problem, stored, cached } = this.upload;
    if (this.upload.onItsWay) return 'cancel';
    if (problem?.status === 401) return 'upload.log_in';
    if (phase === 'failed' || phase === 'cancelled') return 'upload.again';
    const isOver = [stored, cached].some(({ state }) => kOver.includes(state));
    return isOver ? 'watch.again' : null;
  }

  press() {
    const presses = {
      'cancel': () => this.upload.cancel(),
      'upload.again': () => this.upload.sendAgain(),
      'upload.log_in': () => this.upload.sendAgain(),
      'watch.again': () => this.upload.follow(),
    };
    presses[this.action()]?.();
  }
}

function stepNode() {
  const title = element('strong', {});
  const detail = element('span', { class: 'note detail' });
  const body = element('div', {}, title, ' ', detail);
  const mark = element('span', { class: 'mark' }, icon('check'), icon('cross'));
  return { title, detail, body, node: element('li', { class: 'step' }, mark, body) };
}

function updateStep({ node, title, detail }, step) {
  node.dataset.state = step.state;
  setText(title, t(`step.${step.name}`));
  setText(detail, step.detail);
}
