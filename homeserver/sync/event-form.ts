import type { Membership } from '../../protocol/auth-rules/membership.ts'
import type { ClientEventFormat } from '../../protocol/events/client-format.ts'
import { redactPdu } from '../../protocol/events/redact.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { Filter } from '../filters/filter.ts'
import type { EventPresenter } from '../history/event-presenter.ts'

/** Gives events the form that a filter asks for: as they are, as PDUs, or some of their fields only. */
export function inForm(presenter: EventPresenter, filter: Filter): EventPresenter {
  if (filter.eventFormat === 'client' && filter.eventFields === undefined) return presenter
  const form = formOf(filter)
  return {
    present(stored: StoredEvent, format: ClientEventFormat, membership?: Membership) {
      const client = JSON.parse(presenter.present(stored, format, membership)) as JsonObject
      return JSON.stringify(form(client, pduOf(stored, presenter.erases(stored, membership))))
    },
    erases: (stored, membership) => presenter.erases(stored, membership),
  }
}

/** As `inForm`, for an event that is there in both forms. */
export function formOf(filter: Filter): (client: JsonObject, pdu: JsonObject) => JsonObject {
  const paths = filter.eventFields?.map(pathOf)
  return (client, pdu) => {
    const event = filter.eventFormat === 'federation' ? pdu : client
    return paths === undefined ? event : picked(event, paths)
  }
}

function pduOf({ event, redactedBy }: StoredEvent, erased: boolean): JsonObject {
  return redactedBy === undefined && !erased ? event.pdu : redactPdu(event.pdu, event.version)
}

/** The keys of a path: dots part them, `\.` is a dot, `\\` a backslash (client-server API, "Filtering"). */
function pathOf(path: string): string[] {
  const keys = ['']
  for (let index = 0; index < path.length; index++) {
    const next = path[index + 1]
    if (path[index] === '\\' && (next === '.' || next === '\\')) keys[keys.length - 1] += path[++index]!
    else if (path[index] === '.') keys.push('')
    else keys[keys.length - 1] += path[index]!
  }
  return keys
}

function picked(event: JsonObject, paths: readonly (readonly string[])[]): JsonObject {
  const result: JsonObject = Object.create(null) as JsonObject
  for (const path of paths) {
    let from: JsonValue | undefined = event
    for (const key of path) from = isJsonObject(from) ? ownValue(from, key) : undefined
    if (from === undefined) continue
    let into = result
    for (const key of path.slice(0, -1)) {
      const inner = into[key]
      into = isJsonObject(inner) ? inner : (into[key] = Object.create(null) as JsonObject)
    }
    into[path.at(-1)!] = from
  }
  return result
}
