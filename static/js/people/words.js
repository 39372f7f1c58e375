// Why something about people could not be done, in a sentence.

import { Refusal } from '../changes.js';
import { ApiProblem } from '../http.js';
import { duration, hasText, t } from '../i18n.js';
import { reasonOf } from '../outcome_view.js';

/** `own`: the names of texts that say it better here, by status. What is no problem of the service is ours. */
export function wordsOf(problem, own = {}) {
  if (problem instanceof Refusal) return t('people.refused', { reason: reasonOf(problem.record).text });
  if (!(problem instanceof ApiProblem)) throw problem;
  const { status, retryAfterMs } = problem;
  if (own[status]) return t(own[status]);
  const time = duration(Math.max(1, (retryAfterMs ?? 0) / 1000));
  return hasText(`people.${status}`) ? t(`people.${status}`, { time }) : t('problem.other', { status });
}
