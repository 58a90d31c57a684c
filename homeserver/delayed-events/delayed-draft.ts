import { parseJson } from '../../protocol/json/parse.ts'
import { canonicalJson } from '../../protocol/json/canonical.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'

/** What is to be sent: state where there is a state key. */
export interface DelayedDraft {
  readonly type: string
  readonly stateKey: string | undefined
  readonly content: JsonObject
}

/** The form in which it is stored. @throws CanonicalJsonError for content that has none. */
export function writeDraft({ type, stateKey, content }: DelayedDraft): string {
  return canonicalJson({ type, content, ...(stateKey !== undefined && { state_key: stateKey }) })
}

/** Reads the stored form. */
export function readDraft(text: string): DelayedDraft {
  const value = parseJson(text)
  if (!isJsonObject(value)) throw new TypeError('a delayed draft is no object')
  const type = ownValue(value, 'type')
  const stateKey = ownValue(value, 'state_key')
  const content = ownValue(value, 'content')
  if (typeof type !== 'string' || !isJsonObject(content)) throw new TypeError('a delayed draft is incomplete')
  return { type, stateKey: typeof stateKey === 'string' ? stateKey : undefined, content }
}
