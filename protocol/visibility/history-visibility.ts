import type { RoomEvent } from '../events/room-event.ts'
import { ownValue } from '../json/value.ts'

export type HistoryVisibility = 'world_readable' | 'shared' | 'invited' | 'joined'

const VISIBILITIES: ReadonlySet<unknown> = new Set<HistoryVisibility>([
  'world_readable',
  'shared',
  'invited',
  'joined',
])

function isHistoryVisibility(value: unknown): value is HistoryVisibility {
  return VISIBILITIES.has(value)
}

/** What a room without the setting, or with one that is not understood, has. */
export const DEFAULT_HISTORY_VISIBILITY: HistoryVisibility = 'shared'

/**
 * The setting that an `m.room.history_visibility` event makes.
 *
 * @param event the event in force, or undefined where the room's state has none.
 */
export function historyVisibilityIn(event: Pick<RoomEvent, 'content'> | undefined): HistoryVisibility {
  const value = event && ownValue(event.content, 'history_visibility')
  return isHistoryVisibility(value) ? value : DEFAULT_HISTORY_VISIBILITY
}
