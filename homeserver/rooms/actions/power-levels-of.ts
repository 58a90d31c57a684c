import { readPowerLevels, type PowerLevels } from '../../../protocol/auth-rules/power-levels.ts'
import type { OpenRoom } from '../open-room.ts'
import { createEventOf } from './create-event-of.ts'
import { newestState } from './state-at.ts'

/** A room's power levels as its next event would meet them. */
export async function powerLevelsOf(room: OpenRoom): Promise<PowerLevels> {
  const state = await newestState(room, [['m.room.power_levels']])
  return readPowerLevels(await createEventOf(room), state('m.room.power_levels'))
}
