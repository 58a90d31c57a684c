import { type Edge, globPiece } from './glob-piece.ts'

export interface GlobOptions {
  /** Compares lower-case forms (`String.prototype.toLowerCase`). */
  readonly ignoreCase?: boolean
  /** Without it the whole text has to match. With it, any substring from one word boundary to another. */
  readonly words?: boolean
}

const ANYWHERE: Edge = () => true

/**
 * Compiles a glob: `*` is any number of characters, `?` exactly one (appendices, "Glob-style matching"). Matching
 * never backtracks: the time is linear in the text, whatever the pattern is, so patterns may come from anybody.
 *
 * @returns whether a text matches.
 */
export function compileGlob(pattern: string, options: GlobOptions = {}): (text: string) => boolean {
  const ignoreCase = options.ignoreCase ?? false
  const matches =
    (options.words ?? false)
      ? wordMatcher(fold(pattern, ignoreCase))
      : wholeMatcher(fold(pattern, ignoreCase))
  return (text) => matches(fold(text, ignoreCase))
}

/** Whether a literal stands in a text from one word boundary to another; both in the same letter case. */
export function containsWords(text: string, literal: string): boolean {
  return globPiece(literal, false).find(text, 0, atWordBoundary, atWordBoundary) >= 0
}

function fold(text: string, ignoreCase: boolean): string {
  return ignoreCase ? text.toLowerCase() : text
}

function wholeMatcher(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split(/\*+/)
  const head = globPiece(first, true)
  const last = rest.pop()
  if (last === undefined) return (text) => head.endAt(text, 0) === text.length
  const inner = rest.map((source) => globPiece(source, true))
  const tail = globPiece(last, true)
  return (text) => {
    let from = head.endAt(text, 0)
    // Each piece at its first occurrence: that leaves most of the text for the pieces after it.
    for (const piece of inner) {
      if (from < 0) return false
      from = piece.find(text, from, ANYWHERE, ANYWHERE)
    }
    return from >= 0 && tail.endsText(text, from)
  }
}

function wordMatcher(pattern: string): (text: string) => boolean {
  const pieces = pattern.split(/\*+/).map((source) => globPiece(source, true))
  const last = pieces.length - 1
  return (text) => {
    let from = 0
    for (const [index, piece] of pieces.entries()) {
      from = piece.find(
        text,
        from,
        index === 0 ? atWordBoundary : ANYWHERE,
        index === last ? atWordBoundary : ANYWHERE,
      )
      if (from < 0) return false
    }
    return true
  }
}

/**
 * A boundary is next to any character outside `[A-Za-z0-9_]`, or an end of the text (client-server API, "Push
 * rules", `event_match`). A pattern that begins with such a character brings its own boundary.
 */
function atWordBoundary(text: string, index: number): boolean {
  return !isWordUnit(text.charCodeAt(index - 1)) || !isWordUnit(text.charCodeAt(index))
}

function isWordUnit(unit: number): boolean {
  return (
    (unit >= 0x61 && unit <= 0x7a) ||
    (unit >= 0x41 && unit <= 0x5a) ||
    (unit >= 0x30 && unit <= 0x39) ||
    unit === 0x5f
  )
}
