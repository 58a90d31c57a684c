import { expect, it } from 'vitest'
import type { Report } from '../report/outcome.ts'
import { mediansOf } from './medians.ts'

function report(perSecond: number, p50: number, failures: string[]): Report {
  const latencyMs = { samples: 1, mean: p50, p50, p95: p50 + 1, p99: p50 + 2, max: p50 + 2 }
  const server = { rssMb: perSecond * 2, peakMb: perSecond * 3 }
  const fixed = { name: 'sends', title: 'sends', operations: 1, seconds: 1, generatorCpuSeconds: 0 }
  return {
    url: '',
    label: '',
    startedAt: '',
    outcomes: [{ ...fixed, perSecond, latencyMs, server, failures }],
  }
}

it('takes the median of each figure by itself and keeps the failures of every run', () => {
  const reports = [report(30, 1, []), report(10, 5, ['lost']), report(20, 9, ['twice'])]
  expect(mediansOf(reports)).toEqual([
    {
      name: 'sends',
      title: 'sends',
      perSecond: 20,
      p50: 5,
      p95: 6,
      p99: 7,
      rssMb: 40,
      failures: ['lost', 'twice'],
    },
  ])
})
