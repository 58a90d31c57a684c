/** One thing that the doctor has looked at. */
export interface Finding {
  readonly verdict: 'ok' | 'warn' | 'fail'
  /** What was looked at. */
  readonly subject: string
  /** What was found and, unless all is well, what to do. */
  readonly sentence: string
}

export function ok(subject: string, sentence: string): Finding {
  return { verdict: 'ok', subject, sentence }
}

export function warn(subject: string, sentence: string): Finding {
  return { verdict: 'warn', subject, sentence }
}

export function fail(subject: string, sentence: string): Finding {
  return { verdict: 'fail', subject, sentence }
}

/** The reason in an error, for a sentence. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error ? cause.message || reasonOf(cause.cause) : error.message || error.name
}
