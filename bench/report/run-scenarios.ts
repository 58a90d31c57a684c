import { HttpClient } from '../client/http-client.ts'
import { Registration } from '../client/registration.ts'
import { findListener, memoryOf } from '../measure/server-process.ts'
import { summarise } from '../measure/statistics.ts'
import type { Measured, Scenario, ScenarioContext } from '../scenarios/scenario.ts'
import type { Outcome, Report } from './outcome.ts'

export interface RunOptions {
  url: string
  label: string
  sharedSecret?: string
  /** The server's process; found by its port when absent. */
  pid?: number
  seconds: number
  scenarios: readonly Scenario[]
  /** Called after each scenario. */
  onOutcome(outcome: Outcome): void
}

/** Runs scenarios one after another; one that throws is an outcome with that failure, and the rest still run. */
export async function runScenarios(options: RunOptions): Promise<Report> {
  const http = new HttpClient(options.url)
  const context = { accounts: new Registration(http, options.sharedSecret), seconds: options.seconds }
  const pid = options.pid ?? (await findListener(Number(new URL(options.url).port || 80)))
  const report: Report = {
    url: options.url,
    label: options.label,
    startedAt: new Date().toISOString(),
    outcomes: [],
  }
  for (const scenario of options.scenarios) {
    const outcome = await runOne(scenario, context, pid)
    report.outcomes.push(outcome)
    options.onOutcome(outcome)
  }
  await http.close()
  return report
}

async function runOne(
  scenario: Scenario,
  context: ScenarioContext,
  pid: number | undefined,
): Promise<Outcome> {
  const cpuBefore = process.cpuUsage()
  const measured = await scenario.run(context).catch((error: unknown): Measured => ({
    operations: 0,
    seconds: 0,
    latencies: [],
    failures: [`the scenario broke off: ${String(error)}`],
  }))
  const cpu = process.cpuUsage(cpuBefore)
  const latencyMs = summarise(measured.latencies)
  const server = pid === undefined ? undefined : await memoryOf(pid)
  return {
    name: scenario.name,
    title: scenario.title,
    operations: measured.operations,
    seconds: measured.seconds,
    perSecond: measured.seconds === 0 ? 0 : measured.operations / measured.seconds,
    ...(latencyMs && { latencyMs }),
    ...(server && { server }),
    generatorCpuSeconds: (cpu.user + cpu.system) / 1e6,
    ...(measured.extra && { extra: measured.extra }),
    failures: measured.failures,
  }
}
