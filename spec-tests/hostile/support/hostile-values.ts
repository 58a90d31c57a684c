import fc from 'fast-check'

/** Keys that no object should be trusted with, among ordinary ones. */
const KEYS = [
  'a',
  'type',
  'content',
  'user_id',
  '__proto__',
  'constructor',
  'toString',
  '',
  '\0',
  'unsigned',
  '*',
]

/** A text one byte too long for an identifier, in fewer characters than it has bytes. */
export const OVERLONG = 'ä'.repeat(128)

const TEXTS = [
  '',
  '\0',
  'a\0b',
  OVERLONG,
  'x'.repeat(256),
  '__proto__',
  '\u202e\u200b',
  "'; --",
  '%00',
  '../..',
]
const LONE_SURROGATES = ['\ud800', 'a\udfffb']
const NUMBERS = [0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 53), 2 ** 63, 1e300, Number.MIN_VALUE]
/** Larger than an identifier may be, and larger than an event. */
const LONG_TEXTS = ['x'.repeat(3_000), 'x'.repeat(70_000)]

/** Bodies that are no JSON object, or none that means one thing. */
export const BROKEN_BODIES: readonly string[] = [
  ...['', '{', 'null', '[]', '"x"', '17', '\ufeff{}', '{"a":NaN}', '{"a":1e400}', '{"a":-0}'],
  ...['{"a":9007199254740993}', '{"a":1,"a":2}', '{"__proto__":{"admin":true}}', '{"\\u0000":"\\ud800"}'],
  `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
]

/** @param options.signable only values that have a canonical form, as signed bodies must. */
function hostileValues({ signable }: { signable: boolean }): fc.Arbitrary<unknown> {
  const texts = [...TEXTS, ...LONG_TEXTS, ...(signable ? [] : LONE_SURROGATES)]
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<unknown>(null, true, false, ...NUMBERS, ...texts),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 5, noNullPrototype: true }),
    ),
  })).value
}

/** One change of a JSON value: where, as fractions of the keys on each level, and what is put there. */
interface Change {
  readonly path: readonly number[]
  readonly key: string | undefined
  readonly value: unknown
}

function changes(signable: boolean): fc.Arbitrary<Change> {
  return fc.record({
    path: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 4 }),
    key: fc.option(fc.constantFrom(...KEYS), { nil: undefined }),
    value: hostileValues({ signable }),
  })
}

/** Goes down a copy of `target` and replaces what it meets, or adds a key there. */
function changed(target: unknown, { path, key, value }: Change): unknown {
  const [step, ...rest] = path
  if (step === undefined || typeof target !== 'object' || target === null) return value
  const entries = Object.entries(target)
  const at = Math.floor(step * entries.length)
  const old = entries[at]
  if (!old || (key !== undefined && rest.length === 0)) entries.push([key ?? 'a', value])
  else entries[at] = [old[0], changed(old[1], { path: rest, key, value })]
  return Array.isArray(target) ? entries.map(([, item]) => item) : Object.fromEntries(entries)
}

/** A sound body with one to three things in it made hostile, as JSON text. */
export function spoiled(sound: object, { signable = false } = {}): fc.Arbitrary<string> {
  const some = fc.array(changes(signable), { minLength: 1, maxLength: 3 })
  return some.map((list) => JSON.stringify(list.reduce<unknown>(changed, sound)))
}

/** Bodies for an endpoint of clients: spoiled, replaced or broken ones. */
export function clientBodies(sound: object): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 8, arbitrary: spoiled(sound) },
    { weight: 1, arbitrary: fc.constant(JSON.stringify(sound)) },
    { weight: 1, arbitrary: fc.constantFrom(...BROKEN_BODIES) },
  )
}

/** Texts for a parameter of path or query: mostly those that `sound` knows for its name. */
export function parameterTexts(sound: readonly string[]): fc.Arbitrary<string> {
  const nonsense = fc.constantFrom(...TEXTS.filter((text) => text !== ''))
  if (sound.length === 0) return nonsense
  return fc.oneof({ weight: 7, arbitrary: fc.constantFrom(...sound) }, { weight: 1, arbitrary: nonsense })
}

/** A query of some of the parameters. */
export function queries(sound: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<string> {
  return fc
    .subarray(Object.keys(sound), { maxLength: 5 })
    .chain((names) =>
      fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), parameterTexts(sound[name]!)))),
    )
    .map((pairs) => new URLSearchParams(pairs).toString())
}

/** A pattern filled in. */
export function targets(
  pattern: string,
  sound: Readonly<Record<string, readonly string[]>>,
): fc.Arbitrary<string> {
  const names = Array.from(pattern.matchAll(/:(\w+)/g), ([, name]) => name!)
  return fc.tuple(...names.map((name) => parameterTexts(sound[name] ?? []))).map((values) => {
    let next = 0
    return pattern.replaceAll(/:\w+/g, () => encodeURIComponent(values[next++]!))
  })
}
