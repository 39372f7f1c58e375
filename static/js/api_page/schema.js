// What a schema of the document says: in words, as members, and as an example of what fits it.

const kDeepest = 6;

/** Follows `$ref`s from the document's root. */
export function resolved(document, node) {
  for (let step = 0; node?.$ref && step < kDeepest; step++) {
    node = node.$ref.slice(2).split('/').reduce((at, name) => at?.[name.replace(/~1/g, '/').replace(/~0/g, '~')], document);
  }
  return node ?? {};
}

/** The schema of one record out of that of a body: of several ways to write it, the first. */
export function recordSchema(document, schema) {
  const found = resolved(document, schema);
  if (found.anyOf && !found.properties) return recordSchema(document, found.anyOf[0]);
  return found.type === 'array' ? recordSchema(document, found.items) : found;
}

/** Its properties, as `{name, schema, isRequired}`; `false` stands for what must not be there. */
export const membersOf = (document, schema) => Object.entries(schema.properties ?? {})
  .filter(([, member]) => member !== false)
  .map(([name, member]) => ({
    name, schema: resolved(document, member), isRequired: (schema.required ?? []).includes(name),
  }));

/** Short, in the document's own words: `string, date-time, 1–200`. */
export function inWords(schema) {
  const range = rangeOf(schema);
  return [
    schema.enum ? schema.enum.join(' | ') : [schema.type ?? ''].flat().join(' | '),
    schema.format, range, schema.pattern, schema.default !== undefined && `= ${schema.default}`,
  ].filter(Boolean).join(', ');
}

function rangeOf(schema) {
  const [least, most] = [schema.minimum ?? schema.minLength ?? schema.minItems, schema.maximum ?? schema.maxLength ?? schema.maxItems];
  if (least === undefined && most === undefined) return '';
  return most === undefined ? `≥ ${least}` : `${least ?? 0}–${most}`;
}

/** Something that fits, as far as it can be told: what the document shows, or what its rules ask for. */
export function exampleOf(document, schema, depth = 0) {
  const found = resolved(document, schema);
  if (found.example !== undefined) return found.example;
  if (found.default !== undefined) return found.default;
  if (found.enum) return found.enum[0];
  if (found.anyOf && !found.properties) return exampleOf(document, { ...found.anyOf[0], type: found.anyOf[0].type ?? found.type }, depth);
  switch ([found.type].flat()[0]) {
    case 'object': return depth > kDeepest ? {} : objectOf(document, found, depth);
    case 'array': return depth > kDeepest ? [] : [exampleOf(document, found.items ?? {}, depth + 1)];
    case 'integer':
    case 'number': return found.minimum ?? 1;
    case 'boolean': return true;
    default: return textOf(found);
  }
}

function objectOf(document, schema, depth) {
  const required = membersOf(document, schema).filter(({ isRequired }) => isRequired);
  return Object.fromEntries(required.map(({ name, schema: member }) => [name, exampleOf(document, member, depth + 1)]));
}

function textOf({ format, minLength = 0, title = 'texto' }) {
  const known = { 'date-time': '2026-03-11T12:00:00Z', date: '2026-03-11', email: 'ana@example.com', cpf: '15350946056' };
  return known[format] ?? title.padEnd(minLength, '.');
}
