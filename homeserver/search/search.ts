import type { SearchConfig } from '../config/sections/search.ts'
import type { Viewer } from '../history/read-services.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { catchUp, registerCatchUp } from './catch-up.ts'
import { indexStream, MESSAGE_INDEX } from './message-index.ts'
import { searchMessages } from './message-search.ts'
import { searchAnswer } from './search-answer.ts'
import type { MessageSearch } from './search-request.ts'
import type { SearchToken } from './search-token.ts'
import { StreamFollower } from '../stream/stream-follower.ts'

/** A search waits so long for the index to take in what was sent before it, so that people find what they just said. */
const MAX_WAIT_MS = 1_000

/** Searches of messages, and the index that they use. */
export interface Search {
  /** The answer to a search as JSON text. */
  answer(viewer: Viewer, request: MessageSearch, token: SearchToken | undefined): Promise<string>
  stop(): Promise<void>
}

/** Starts to index what is said, and to answer searches. Before the start of the jobs. */
export async function startSearch(
  services: SyncServices,
  { languages }: SearchConfig,
  jobs: JobRunner,
  onError: (error: unknown) => void,
): Promise<Search> {
  const { queries, committer } = services
  const index = { services, languages, onError }
  const backfilled = registerCatchUp(index, jobs)
  const unsubscribe = committer.onCommit((writes) => backfilled.absorb(writes))
  const follower = new StreamFollower({
    consumer: MESSAGE_INDEX,
    queries,
    committer,
    onError,
    step: (after, until) => indexStream(index, after, until),
  })
  await follower.start()
  await jobs.schedule(catchUp())
  return {
    answer: async (viewer, request, token) => {
      await follower.caughtUp(MAX_WAIT_MS)
      const results = await searchMessages(services, languages, viewer, request, token)
      return searchAnswer(services, viewer, request, results)
    },
    stop: async () => {
      unsubscribe()
      await follower.stop()
    },
  }
}
