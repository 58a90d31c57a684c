import { z } from 'zod'

const KIBIBYTE = 1024
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  K: KIBIBYTE,
  M: KIBIBYTE ** 2,
  G: KIBIBYTE ** 3,
  T: KIBIBYTE ** 4,
}

/** A size as Synapse writes it: `512K`, `50M`, `2G` (powers of 1024), or a number of bytes (or pixels). */
export const size = z.union([z.number(), z.string()]).transform((value, context): number => {
  const match = /^(\d+)([KMGT]?)$/.exec(String(value).trim().toUpperCase())
  const bytes = match ? Number(match[1]) * (UNITS[match[2] ?? ''] ?? NaN) : NaN
  if (Number.isSafeInteger(bytes)) return bytes
  context.addIssue('expects a size such as 512K, 50M or 2G (a bare number is bytes)')
  return z.NEVER
})
