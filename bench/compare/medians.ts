import { median } from '../measure/statistics.ts'
import type { Outcome, Report } from '../report/outcome.ts'

/** One scenario over all runs of one server: the median of each figure. */
export interface ScenarioMedians {
  name: string
  title: string
  perSecond: number
  p50: number
  p95: number
  p99: number
  rssMb: number
  /** Over all runs. */
  failures: string[]
}

/** @param reports of the same scenarios, one a run */
export function mediansOf(reports: readonly Report[]): ScenarioMedians[] {
  const [first] = reports
  return (first?.outcomes ?? []).map(({ name, title }) => {
    const runs = reports.flatMap(({ outcomes }) => outcomes.filter((outcome) => outcome.name === name))
    const over = (figure: (outcome: Outcome) => number | undefined): number =>
      median(runs.map((outcome) => figure(outcome) ?? NaN))
    return {
      name,
      title,
      perSecond: over(({ perSecond }) => perSecond),
      p50: over(({ latencyMs }) => latencyMs?.p50),
      p95: over(({ latencyMs }) => latencyMs?.p95),
      p99: over(({ latencyMs }) => latencyMs?.p99),
      rssMb: over(({ server }) => server?.rssMb),
      failures: runs.flatMap(({ failures }) => failures),
    }
  })
}
