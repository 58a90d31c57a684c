import type { DestinationStream } from 'pino'

const LEVELS: Readonly<Record<string, string>> = {
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}
/** Hours, minutes and seconds in an ISO time. */
const CLOCK = [11, 19] as const

function toLine(json: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(json) as Record<string, unknown>
  const clock = new Date(Number(time)).toISOString().slice(...CLOCK)
  const details = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const stack = (err as { stack?: string } | undefined)?.stack
  const line = [clock, LEVELS[String(level)] ?? level, msg, ...details].join(' ')
  return stack === undefined ? `${line}\n` : `${line}\n${stack}\n`
}

/** Turns each JSON line of the log into one that a person reads. */
export function readableLines(destination: DestinationStream): DestinationStream {
  return { write: (json) => destination.write(toLine(json)) }
}
