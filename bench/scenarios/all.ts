import { fanOut } from './fan-out.ts'
import { initialSync, initialSyncsAtOnce } from './initial-sync.ts'
import { localJoins } from './local-joins.ts'
import { manyRoomSends } from './many-room-sends.ts'
import type { Scenario } from './scenario.ts'
import { sequentialSends } from './sequential-sends.ts'
import { workerSends } from './worker-sends.ts'

export const scenarios: readonly Scenario[] = [
  sequentialSends,
  workerSends,
  manyRoomSends,
  fanOut,
  localJoins,
  initialSync,
  initialSyncsAtOnce,
]

/**
 * The scenarios named in a comma-separated list; `all` names every one.
 * @throws RangeError for a name that none has
 */
export function scenariosNamed(list: string): readonly Scenario[] {
  if (list === 'all') return scenarios
  return list.split(',').map((name) => {
    const found = scenarios.find((scenario) => scenario.name === name)
    if (!found) {
      throw new RangeError(
        `no scenario ${name}; there are all, ${scenarios.map((one) => one.name).join(', ')}`,
      )
    }
    return found
  })
}
