import type { Bundle, BundledEvent } from './bundles.ts'

/**
 * JSON text of `unsigned.m.relations` (client-server API: event replacements, reference relations, threading).
 *
 * @param present gives the text of a child with its own bundle.
 */
export function bundleText(
  { edit, references, thread }: Bundle,
  present: (child: BundledEvent, bundle: Bundle | undefined) => string,
): string {
  const members: string[] = []
  if (edit) members.push(`"m.replace":${present(edit, undefined)}`)
  if (references.length > 0) {
    const chunk = references.map((eventId) => `{"event_id":${JSON.stringify(eventId)}}`)
    members.push(`"m.reference":{"chunk":[${chunk.join(',')}]}`)
  }
  if (thread) {
    const { latest, count, participated } = thread
    members.push(
      `"m.thread":{"latest_event":${present(latest, latest.bundle)},"count":${count},` +
        `"current_user_participated":${participated}}`,
    )
  }
  return `{${members.join(',')}}`
}
