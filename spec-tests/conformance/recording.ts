import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The directory in which test runs leave what they asked of which endpoint, for `npm run conformance`. */
const RECORDING_VARIABLE = 'RECORD_CONFORMANCE'

/** How often a test file had an endpoint succeed; 0 when it only had itself refused. */
export interface EndpointUse {
  readonly test: string
  /** `GET /_matrix/client/v3/rooms/:roomId/state`. */
  readonly endpoint: string
  readonly successes: number
}

/** Adds a test file's use of endpoints to the recording, if one is made. */
export function writeRecording(test: string, successes: ReadonlyMap<string, number>): void {
  const directory = process.env[RECORDING_VARIABLE]
  if (!directory || successes.size === 0) return
  mkdirSync(directory, { recursive: true })
  const uses = [...successes].map(([endpoint, count]) => JSON.stringify({ test, endpoint, successes: count }))
  appendFileSync(join(directory, `${process.pid}.jsonl`), `${uses.join('\n')}\n`)
}

/** Reads what the runs of a recording left. */
export function readRecording(): readonly EndpointUse[] {
  const directory = process.env[RECORDING_VARIABLE]
  if (!directory) return []
  return readdirSync(directory)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as EndpointUse)
}
