import { pino, type Logger } from 'pino'
import { readableLines } from './readable-lines.ts'
import { serializeError } from './serialize-error.ts'

const STDERR = 2

/**
 * The server's log, on standard error: one JSON object a line, or readable lines where a person watches. Nothing
 * that people write, no token and no key may be passed to it.
 */
export function createLogger(level: 'error' | 'warn' | 'info' | 'debug'): Logger {
  const options = { level, base: null, serializers: { err: serializeError, error: serializeError } }
  const destination = pino.destination({ fd: STDERR, sync: true })
  return pino(options, process.stderr.isTTY ? readableLines(destination) : destination)
}
