import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { describeOutcome } from './report/print-outcome.ts'
import { runScenarios } from './report/run-scenarios.ts'
import { scenariosNamed } from './scenarios/all.ts'

const USAGE = `node bench/main.ts --url http://127.0.0.1:8008 [options]
  --shared-secret S  register by the admin API; without it, registration must be open
  --scenario LIST    all, or names separated by commas (default all)
  --seconds N        how long each sending scenario sends (default 10)
  --pid N            the server's process; found by its port when absent
  --label TEXT       what to call the server in the report
  --json FILE        write the report there as JSON`

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    'shared-secret': { type: 'string' },
    scenario: { type: 'string', default: 'all' },
    seconds: { type: 'string', default: '10' },
    pid: { type: 'string' },
    label: { type: 'string' },
    json: { type: 'string' },
  },
})

if (values.url === undefined) {
  console.error(USAGE)
  process.exitCode = 2
} else {
  const report = await runScenarios({
    url: values.url,
    label: values.label ?? values.url,
    ...(values['shared-secret'] !== undefined && { sharedSecret: values['shared-secret'] }),
    ...(values.pid !== undefined && { pid: Number(values.pid) }),
    seconds: Number(values.seconds),
    scenarios: scenariosNamed(values.scenario),
    onOutcome: (outcome) => console.log(describeOutcome(outcome)),
  })
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify(report, undefined, 2) + '\n')
  if (report.outcomes.some(({ failures }) => failures.length > 0)) process.exitCode = 1
}
