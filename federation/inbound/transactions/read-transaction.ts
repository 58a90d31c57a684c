import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../../protocol/json/value.ts'

/** Server-server API, "Transactions". */
const MAX_PDUS = 50
/** Server-server API, "Transactions". */
const MAX_EDUS = 100

/** An ephemeral message. */
export interface Edu {
  readonly type: string
  readonly content: JsonObject
}

/** The body of a transaction. What is no object in its lists is left out: it fails alone. */
export interface Transaction {
  readonly pdus: readonly JsonObject[]
  readonly edus: readonly Edu[]
}

/** @throws MatrixError 400 M_BAD_JSON when the lists are none, M_TOO_LARGE when they are too long. */
export function readTransaction(body: JsonObject): Transaction {
  return {
    pdus: list(body, 'pdus', MAX_PDUS).filter((pdu) => isJsonObject(pdu)),
    edus: list(body, 'edus', MAX_EDUS).flatMap((edu): Edu[] => {
      const type = isJsonObject(edu) ? ownValue(edu, 'edu_type') : undefined
      const content = isJsonObject(edu) ? ownValue(edu, 'content') : undefined
      return typeof type === 'string' && isJsonObject(content) ? [{ type, content }] : []
    }),
  }
}

function list(body: JsonObject, key: 'pdus' | 'edus', max: number) {
  const value = ownValue(body, key) ?? []
  if (!Array.isArray(value)) throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be a list`)
  if (value.length <= max) return value
  throw new MatrixError(400, 'M_TOO_LARGE', `A transaction may have ${max} ${key} at most`)
}
