import type { Positioned, Statement } from '../position/stream-write.ts'
import { insertResolutions } from '../state-trie/state-resolutions.ts'
import { insertNodesStatement } from '../state-trie/insert-nodes.ts'
import type { EventWrite } from './event-write.ts'
import { eventRowStatements } from './event-row-statement.ts'
import { extremityStatements } from './extremity-statements.ts'
import { factStatements } from './fact-statements.ts'
import { currentStateStatements } from './current-state-statements.ts'
import { joiningStatements } from './joining-statements.ts'
import { membershipStatements } from './membership-statements.ts'

/** The trie nodes of a batch; they carry no position. */
export function stateNodeStatements(writes: readonly EventWrite[]): readonly Statement[] {
  const nodes = writes.flatMap((write) => write.stateNodes)
  return nodes.length === 0 ? [] : [insertNodesStatement(nodes)]
}

function resolutionStatements(writes: readonly Positioned<EventWrite>[]): readonly Statement[] {
  return insertResolutions(
    writes.flatMap(({ item: { resolutions, roomNid, row } }) =>
      resolutions.map((resolution) => ({ ...resolution, roomNid, usedTs: row.receivedTs })),
    ),
  )
}

/** Everything else of a batch of events, a constant number of statements whatever its size. */
export function eventStatements(writes: readonly Positioned<EventWrite>[]): readonly Statement[] {
  return [
    ...eventRowStatements(writes),
    ...extremityStatements(writes),
    ...currentStateStatements(writes),
    ...membershipStatements(writes),
    ...factStatements(writes),
    ...joiningStatements(writes),
    ...resolutionStatements(writes),
  ]
}
