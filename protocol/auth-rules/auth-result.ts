/** What the auth rules say about an event. The reason is a sentence without anything of the event's content. */
export type AuthResult = { readonly allowed: true } | { readonly allowed: false; readonly reason: string }

export const ALLOWED: AuthResult = { allowed: true }

/** A refusal. `reason` is a sentence that may be logged and shown to the caller of an API. */
export function rejected(reason: string): AuthResult {
  return { allowed: false, reason }
}

/** Allows when `condition` holds, otherwise refuses for `reason`. */
export function allowIf(condition: boolean, reason: string): AuthResult {
  return condition ? ALLOWED : rejected(reason)
}
