const HEX = '\\\\x'

/**
 * A parameter as PostgreSQL reads it in text form: a number, text, boolean, bytes, or an array of one of these.
 * Undefined is null, as for the driver.
 *
 * @throws TypeError for what no statement of a batch holds.
 */
export function parameterText(value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return arrayText(value)
  throw new TypeError(`a parameter may not be of type ${typeof value}`)
}

function arrayText(values: readonly unknown[]): string {
  let text = '{'
  for (const value of values) text += (text.length > 1 ? ',' : '') + elementText(value)
  return text + '}'
}

function elementText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return `"${escaped(value)}"`
  if (Buffer.isBuffer(value)) return `"${HEX}${value.toString('hex')}"`
  throw new TypeError(`an array parameter may not hold a value of type ${typeof value}`)
}

function escaped(text: string): string {
  return text.includes('"') || text.includes('\\') ? text.replace(/["\\]/g, '\\$&') : text
}
