/**
 * A JSON object whose values are JSON already. Large answers are spliced from stored bytes, without being parsed.
 */
export function objectText(fields: Readonly<Record<string, string | Buffer>>): Buffer {
  const parts: Buffer[] = []
  for (const [key, value] of Object.entries(fields)) {
    parts.push(Buffer.from(`${parts.length === 0 ? '{' : ','}${JSON.stringify(key)}:`))
    parts.push(typeof value === 'string' ? Buffer.from(value) : value)
  }
  return Buffer.concat([...(parts.length === 0 ? [Buffer.from('{')] : parts), Buffer.from('}')])
}

/** A JSON list whose items are JSON already. */
export function listText(items: readonly { readonly pdu: Buffer }[]): Buffer {
  const parts: Buffer[] = []
  for (const { pdu } of items) parts.push(Buffer.from(parts.length === 0 ? '[' : ','), pdu)
  return Buffer.concat([...(parts.length === 0 ? [Buffer.from('[')] : parts), Buffer.from(']')])
}
