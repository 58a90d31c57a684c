import type { ServerMemory } from '../measure/server-process.ts'
import type { Latency } from '../measure/statistics.ts'

/** One scenario, run once against one server. */
export interface Outcome {
  name: string
  title: string
  operations: number
  seconds: number
  perSecond: number
  latencyMs?: Latency
  /** The server's memory right after the scenario, where its process could be seen. */
  server?: ServerMemory
  /** CPU seconds that the load generator itself took, set-up and reading back included. */
  generatorCpuSeconds: number
  extra?: Record<string, number>
  failures: string[]
}

export interface Report {
  url: string
  label: string
  startedAt: string
  outcomes: Outcome[]
}
