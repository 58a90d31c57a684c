import { eventWriteOf } from '../../storage/events/event-write.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { searchableInOtherLanguages } from '../../storage/search/event-search-writer.ts'
import { backfilledEvents, type EventPlace } from '../../storage/search/searchable-places.ts'
import { deleteCursors, readCursor, saveCursor } from '../../storage/position/stream-cursor.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { indexEvents, type MessageIndex } from './message-index.ts'

const KIND = 'search.catch-up'
/** Names the cursor over the numbers of events that came by backfill. */
const BACKFILLED = 'search.backfilled'
/** Cursors of these names say that everything was reduced by the languages that follow. */
const LANGUAGES = 'search.languages '
/** Events of one step, a few hundred kB of text. */
const STEP_EVENTS = 500
/** Before what came by backfill is indexed: more of it is on its way. */
const DELAY_MS = 500

/**
 * Has a job index what the stream does not tell of: what came by backfill, and after a change of the languages
 * everything anew. It runs at every start, and while the server runs whenever something has come by backfill.
 */
export function registerCatchUp(
  index: MessageIndex,
  jobs: JobRunner,
): { absorb(writes: readonly CommittedWrite[]): void } {
  jobs.register({
    kind: KIND,
    read: () => null,
    handle: async (_payload, { signal }) => {
      await indexBackfilled(index, signal)
      await changeLanguages(index, signal)
    },
  })
  let scheduled = false
  return {
    absorb: (writes) => {
      if (scheduled || !writes.some(isBackfilled)) return
      scheduled = true
      setTimeout(() => {
        scheduled = false
        jobs.schedule(catchUp()).catch(index.onError)
      }, DELAY_MS).unref()
    },
  }
}

/** The job of a start. */
export function catchUp(): { kind: string; key: string; payload: null; runAt: number } {
  return { kind: KIND, key: 'all', payload: null, runAt: Date.now() }
}

function isBackfilled(committed: CommittedWrite): boolean {
  const write = eventWriteOf(committed)
  return write !== undefined && !write.live && write.row.historyPos !== undefined
}

async function indexBackfilled(index: MessageIndex, signal: AbortSignal): Promise<void> {
  const { queries } = index.services
  for (let after = await readCursor(queries, BACKFILLED); ;) {
    const places = await backfilledEvents(queries, after, STEP_EVENTS)
    await indexEvents(index, places)
    after = places.at(-1)?.eventNid ?? after
    if (places.length > 0) await saveCursor(queries, BACKFILLED, after)
    if (places.length < STEP_EVENTS) return
    signal.throwIfAborted()
  }
}

async function changeLanguages(index: MessageIndex, signal: AbortSignal): Promise<void> {
  const { languages, services } = index
  const { queries } = services
  const mark = LANGUAGES + languages.join(' ')
  await deleteCursors(queries, LANGUAGES, mark)
  if ((await readCursor(queries, mark)) > 0) return
  for (let after: EventPlace | undefined; ;) {
    const places = await searchableInOtherLanguages(queries, languages, after, STEP_EVENTS)
    await indexEvents(index, places)
    after = places.at(-1)
    if (places.length < STEP_EVENTS) break
    signal.throwIfAborted()
  }
  await saveCursor(queries, mark, 1)
}
