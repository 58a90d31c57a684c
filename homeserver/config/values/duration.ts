import { z } from 'zod'

const SECOND_MS = 1000
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  s: SECOND_MS,
  m: 60 * SECOND_MS,
  h: 3600 * SECOND_MS,
  d: 86_400 * SECOND_MS,
  w: 7 * 86_400 * SECOND_MS,
  y: 365 * 86_400 * SECOND_MS,
}

/** A duration as Synapse writes it: `30s`, `10m`, `2h`, `7d`, `1w`, `1y`, or a number of milliseconds. */
export const duration = z.union([z.number(), z.string()]).transform((value, context): number => {
  const match = /^(\d+)([smhdwy]?)$/.exec(String(value).trim())
  const milliseconds = match ? Number(match[1]) * (UNITS[match[2] ?? ''] ?? NaN) : NaN
  if (Number.isSafeInteger(milliseconds)) return milliseconds
  context.addIssue('expects a duration such as 30s, 10m, 2h or 7d (a bare number is milliseconds)')
  return z.NEVER
})
