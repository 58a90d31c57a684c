import type { JsonObject } from '../../../protocol/json/value.ts'
import type { VerifiedOrigin } from '../authenticate.ts'

/**
 * Takes in one ephemeral message of a server. It checks that what the content says is the server's to say, and
 * leaves out what is not: the sender is told of nothing. A throw is a failure of ours, which is logged.
 */
export type EduHandler = (origin: VerifiedOrigin, content: JsonObject) => Promise<void>

/** The same for messages of one kind that follow one another, which are taken in together and in their order. */
export type EduRunHandler = (origin: VerifiedOrigin, contents: readonly JsonObject[]) => Promise<void>

/** Handlers by `edu_type`. Types without one are ignored. */
export type EduHandlers = ReadonlyMap<string, EduRunHandler>

/** Takes in one message after the other; one that fails leaves the next ones alone. */
export function oneByOne(handle: EduHandler): EduRunHandler {
  return async (origin, contents) => {
    const failures: unknown[] = []
    for (const content of contents) {
      await handle(origin, content).catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} messages failed`)
  }
}
