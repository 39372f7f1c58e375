// One operation as a command line to copy.

import { exampleOf, resolved } from './schema.js';

const kJson = 'application/json';

/** For a shell: `'…'`, whatever is in it. */
const quoted = (text) => `'${String(text).replaceAll("'", `'\\''`)}'`;

export function curlOf(document, { method, path, operation, parameters }) {
  const parts = ['curl'];
  if (method !== 'GET') parts.push('-X', method);
  if (isForLogins(operation)) parts.push('-H', '"Authorization: Bearer $TOKEN"');
  const body = bodyOf(document, operation);
  if (body !== undefined) parts.push('-H', quoted(`Content-Type: ${kJson}`), '-d', quoted(JSON.stringify(body)));
  parts.push(quoted(location.origin + filledIn(document, path, parameters)));
  return parts.join(' ');
}

/** Whether nobody else may: `security` names a token, and not nothing. */
const isForLogins = ({ security }) => Boolean(security?.length) && security.every((way) => Object.keys(way).length > 0);

function bodyOf(document, operation) {
  const content = operation.requestBody?.content?.[kJson];
  return content && (content.example ?? exampleOf(document, content.schema));
}

/** What has to be given, and no more. */
function filledIn(document, path, parameters) {
  const value = (parameter) => {
    const shown = parameter.example ?? exampleOf(document, parameter.schema);
    return encodeURIComponent(Array.isArray(shown) ? shown[0] : shown);
  };
  const needed = parameters.filter(({ required }) => required);
  const asked = needed.filter((parameter) => parameter.in === 'query').map((parameter) => `${parameter.name}=${value(parameter)}`);
  const filled = needed.filter((parameter) => parameter.in === 'path')
    .reduce((text, parameter) => text.replace(`{${parameter.name}}`, value(parameter)), path);
  return asked.length ? `${filled}?${asked.join('&')}` : filled;
}
