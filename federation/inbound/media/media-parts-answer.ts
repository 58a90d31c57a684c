import { randomBytes } from 'node:crypto'
import { PassThrough, type Readable } from 'node:stream'
import type { Answer } from '../../../homeserver/http/answer.ts'

const BOUNDARY_BYTES = 24

/**
 * Media for another server: `multipart/mixed` of exactly two parts, the metadata, for which nothing is defined yet,
 * and the bytes (server-server API, "Content Repository").
 *
 * @param headers what the bytes are.
 * @param size how many there are.
 */
export function mediaPartsAnswer(
  headers: Readonly<Record<string, string>>,
  media: Readable,
  size: number,
): Answer {
  const boundary = randomBytes(BOUNDARY_BYTES).toString('hex')
  const described = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const before = Buffer.from(
    `--${boundary}\r\nContent-Type: application/json\r\n\r\n{}\r\n--${boundary}\r\n${described.join('')}\r\n`,
  )
  const after = Buffer.from(`\r\n--${boundary}--\r\n`)
  return {
    status: 200,
    headers: {
      'Content-Type': `multipart/mixed; boundary=${boundary}`,
      'Content-Length': String(before.length + size + after.length),
    },
    body: { stream: surround(before, media, after) },
  }
}

function surround(before: Buffer, inner: Readable, after: Buffer): Readable {
  const whole = new PassThrough()
  whole.write(before)
  inner.on('error', (error) => whole.destroy(error))
  inner.on('end', () => whole.end(after))
  whole.on('close', () => inner.destroy())
  inner.pipe(whole, { end: false })
  return whole
}
