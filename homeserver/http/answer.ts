import type { Readable } from 'node:stream'

/** What an endpoint answers. Headers given here win over the framework's. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: AnswerBody
}

/**
 * `json` is serialised by the framework; `jsonText` was serialised before (stored events are spliced into answers
 * without being parsed); `bytes` and `stream` bring their own content type in the headers.
 */
export type AnswerBody =
  | { readonly json: object }
  | { readonly jsonText: string | Buffer }
  | { readonly bytes: string | Buffer }
  | { readonly stream: Readable }

/** A JSON answer, 200 unless told otherwise. */
export function json(value: object, status = 200): Answer {
  return { status, body: { json: value } }
}

/** A JSON answer whose text exists already. */
export function jsonText(text: string | Buffer, status = 200): Answer {
  return { status, body: { jsonText: text } }
}

/** The `{}` that the specification asks for where there is nothing to say. */
export function nothing(): Answer {
  return jsonText('{}')
}
