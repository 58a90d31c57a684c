import type { CaseResult, Measured } from './measure-case.ts'

const HEAD = `| sync | answer | first after start | in a row: mean / p50 / p95 | at once: mean / p50 / p95 | answers a second | CPU an answer | transactions an answer | memory: idle / highest |
|---|--:|--:|--:|--:|--:|--:|--:|--:|`

/** The results as a Markdown table. */
export function table(results: readonly CaseResult[]): string {
  return [HEAD, ...results.map(row)].join('\n')
}

/** One line of the table. */
export function row(result: CaseResult): string {
  const { title, answerMb, coldMs, inARow, together, idleMb, peakMb, faults } = result
  const cells = [
    faults.length === 0 ? title : `${title} (WRONG: ${faults.join('; ')})`,
    `${answerMb.toFixed(1)} MB`,
    seconds(coldMs),
    times(inARow),
    times(together),
    `${inARow.perSecond.toFixed(1)} / ${together.perSecond.toFixed(1)}`,
    `${inARow.processorMs.toFixed(0)} / ${together.processorMs.toFixed(0)} ms`,
    `${inARow.transactions.toFixed(1)} / ${together.transactions.toFixed(1)}`,
    `${idleMb.toFixed(0)} / ${peakMb.toFixed(0)} MB`,
  ]
  return `| ${cells.join(' | ')} |`
}

function times({ latency }: Measured): string {
  return [latency.mean, latency.p50, latency.p95].map(seconds).join(' / ')
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 100 ? 3 : 2)} s`
}
