import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Report } from '../report/outcome.ts'
import { mediansOf, type ScenarioMedians } from './medians.ts'

const BYTES_A_GIB = 2 ** 30

/** The runs of one server in a comparison. */
export interface Entry {
  name: string
  title: string
  configuration: string
  reports: Report[]
  /** The machine's one-minute load average before each run: other work that the figures suffer from. */
  loadBefore: number[]
}

export interface Comparison {
  settings: Record<string, string>
  seconds: string
  entries: Entry[]
}

/** Writes README.md, result.json and each server's configuration into a directory. */
export async function writeResult(directory: string, comparison: Comparison): Promise<void> {
  await mkdir(directory, { recursive: true })
  const entries = comparison.entries.map((entry) => ({ ...entry, medians: mediansOf(entry.reports) }))
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / BYTES_A_GIB),
    node: process.version,
  }
  const json = { machine, postgresql: comparison.settings, seconds: Number(comparison.seconds), entries }
  await writeFile(join(directory, 'result.json'), JSON.stringify(json, undefined, 2) + '\n')
  for (const { name, configuration } of entries)
    await writeFile(join(directory, `${name}.yaml`), configuration)

  const settings = Object.entries(comparison.settings).map(([name, value]) => `${name} ${value}`)
  const runs = Math.max(...entries.map(({ reports }) => reports.length))
  const text = [
    `# ${entries.map(({ title }) => title).join(' and ')}`,
    `Medians of ${runs} interleaved runs with fresh databases, ${comparison.seconds} s for each sending scenario;`,
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGib} GiB, load generator on the same machine.`,
    `One PostgreSQL for all: ${settings.join(', ')}.`,
    `Rate limits and presence off, logs at warning; the configurations are beside this page.`,
    `Load average before each run: ${entries.map(loadSentence).join('; ')}.`,
    '',
    ...table(entries),
    '',
    ...failureLines(entries),
    '',
  ]
  await writeFile(join(directory, 'README.md'), text.join('\n'))
}

type Summed = Entry & { medians: ScenarioMedians[] }

const loadSentence = ({ title, loadBefore }: Entry): string =>
  `${title} ${loadBefore.map((load) => load.toFixed(2)).join(', ')}`

function table(entries: readonly Summed[]): string[] {
  const lines = [
    '| scenario | server | a second | p50 ms | p95 ms | p99 ms | memory MB |',
    '|---|---|--:|--:|--:|--:|--:|',
  ]
  for (const { name, title } of entries[0]?.medians ?? []) {
    for (const entry of entries) {
      const figures = entry.medians.find((medians) => medians.name === name)
      if (!figures) continue
      const { perSecond, p50, p95, p99, rssMb } = figures
      const cells = [perSecond, p50, p95, p99].map((value) => value.toFixed(1))
      lines.push(`| ${title} | ${entry.title} | ${cells.join(' | ')} | ${rssMb.toFixed(0)} |`)
    }
  }
  return lines
}

function failureLines(entries: readonly Summed[]): string[] {
  const failed = entries.flatMap((entry) =>
    entry.medians.flatMap(({ name, failures }) =>
      failures.map((failure) => `- ${entry.title}, ${name}: ${failure}`),
    ),
  )
  return failed.length > 0 ? ['Failures:', '', ...failed] : ['Every acknowledged event was read back.']
}
