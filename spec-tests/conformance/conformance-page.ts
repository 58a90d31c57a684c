import { join } from 'node:path'
import { declaredEndpoints, ROOT } from './declared-endpoints.ts'
import { readOperations } from './operations.ts'
import { OutboundCalls } from './outbound-calls.ts'
import type { EndpointUse } from './recording.ts'
import type { TableSources } from './table.ts'
import { mergeRecording, readTestedBy } from './tested-by.ts'

/** The page. */
export const PAGE_FILE = join(ROOT, 'docs', 'conformance.md')

/** What the page says: the code and the names of tests known before, with a recording if there is one. */
export function tableSources(recorded: readonly EndpointUse[] = []): TableSources {
  const endpoints = declaredEndpoints()
  return {
    operations: readOperations(),
    endpoints,
    testedBy: mergeRecording(endpoints, recorded, readTestedBy()),
    outbound: new OutboundCalls(),
  }
}
