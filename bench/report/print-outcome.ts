import type { Outcome } from './outcome.ts'

/** Sentences of one outcome that are printed; the JSON report holds them all. */
const PRINTED_FAILURES = 5

/** One outcome as a few readable lines. */
export function describeOutcome(outcome: Outcome): string {
  const { latencyMs, server } = outcome
  const lines = [
    `${outcome.name}: ${outcome.title}`,
    `  ${outcome.operations} in ${outcome.seconds.toFixed(1)} s, ${outcome.perSecond.toFixed(1)} a second`,
  ]
  if (latencyMs) {
    const { p50, p95, p99, max } = latencyMs
    const [a, b, c, d] = [p50, p95, p99, max].map((value) => value.toFixed(1))
    lines.push(`  p50 ${a} ms, p95 ${b} ms, p99 ${c} ms, longest ${d} ms`)
  }
  if (server) {
    lines.push(`  server memory ${server.rssMb.toFixed(0)} MB, highest ${server.peakMb.toFixed(0)} MB`)
  }
  lines.push(`  load generator ${outcome.generatorCpuSeconds.toFixed(1)} s of CPU`)
  for (const [name, value] of Object.entries(outcome.extra ?? {})) lines.push(`  ${name} ${value}`)
  for (const failure of outcome.failures.slice(0, PRINTED_FAILURES)) lines.push(`  FAILURE ${failure}`)
  if (outcome.failures.length > PRINTED_FAILURES) lines.push(`  FAILURE … ${outcome.failures.length} in all`)
  return lines.join('\n')
}
