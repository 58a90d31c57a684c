/** Any one character. No code point is negative. */
const ANY = -1

const BITS_PER_WORD = 32

/**
 * The longest literal that is searched with `indexOf`. Its worst case is the product of both lengths, which for
 * a short piece is still linear in the text; longer pieces take the automaton.
 */
const LONGEST_INDEXED = 32

/** Whether a piece may begin or end at this index of the text. */
export type Edge = (text: string, index: number) => boolean

/** A part of a glob between two `*`: characters and `?`. Each `?` stands for one code point. */
export interface GlobPiece {
  /** The index after the piece if it stands at `index`, otherwise -1. */
  endAt(text: string, index: number): number
  /** Whether the text, from `from` on, ends with the piece. */
  endsText(text: string, from: number): boolean
  /** The smallest index after an occurrence that begins at or after `from`, or -1. Linear in the text. */
  find(text: string, from: number, mayBegin: Edge, mayEnd: Edge): number
}

/** @param wildcards whether `?` is any character; otherwise the source is meant literally. */
export function globPiece(source: string, wildcards: boolean): GlobPiece {
  if (!wildcards || !source.includes('?')) {
    return {
      endAt: (text, index) => (text.startsWith(source, index) ? index + source.length : -1),
      endsText: (text, from) => text.length - from >= source.length && text.endsWith(source),
      find: source.length <= LONGEST_INDEXED ? findLiteral(source) : shiftAnd(codePoints(source, false)),
    }
  }
  const codes = codePoints(source, true)
  return {
    endAt: (text, index) => matchAt(codes, text, index),
    endsText(text, from) {
      const first = Math.max(from, text.length - 2 * codes.length)
      for (let index = text.length - codes.length; index >= first; index--) {
        if (matchAt(codes, text, index) === text.length) return true
      }
      return false
    },
    find: shiftAnd(codes),
  }
}

function codePoints(source: string, wildcards: boolean): number[] {
  return Array.from(source, (char) => (wildcards && char === '?' ? ANY : (char.codePointAt(0) ?? ANY)))
}

function matchAt(codes: readonly number[], text: string, start: number): number {
  let index = start
  for (const code of codes) {
    const actual = text.codePointAt(index)
    if (actual === undefined || (code !== ANY && code !== actual)) return -1
    index += actual > 0xffff ? 2 : 1
  }
  return index
}

function findLiteral(literal: string): GlobPiece['find'] {
  return (text, from, mayBegin, mayEnd) => {
    for (let index = text.indexOf(literal, from); index >= 0; index = text.indexOf(literal, index + 1)) {
      const end = index + literal.length
      if (mayBegin(text, index) && mayEnd(text, end)) return end
      // An empty literal is found at the end of the text for ever.
      if (index === text.length) return -1
    }
    return -1
  }
}

/**
 * The shift-and algorithm: bit `i` of the state says that the characters just read are the first `i + 1` of the
 * piece. It looks at each character of the text once, at a cost of one step per 32 characters of the piece.
 */
function shiftAnd(codes: readonly number[]): GlobPiece['find'] {
  const words = Math.ceil(codes.length / BITS_PER_WORD)
  const anywhere = new Int32Array(words)
  const masks = new Map<number, Int32Array>()
  codes.forEach((code, position) => {
    if (code === ANY) setBit(anywhere, position)
    else if (!masks.has(code)) masks.set(code, new Int32Array(words))
  })
  for (const [code, mask] of masks) {
    codes.forEach((wanted, position) => {
      if (wanted === ANY || wanted === code) setBit(mask, position)
    })
  }
  const lastWord = words - 1
  const lastBit = 1 << ((codes.length - 1) % BITS_PER_WORD)

  return (text, from, mayBegin, mayEnd) => {
    const state = new Int32Array(words)
    for (let index = from; index < text.length;) {
      const code = text.codePointAt(index) ?? ANY
      const mask = masks.get(code) ?? anywhere
      let carry = mayBegin(text, index) ? 1 : 0
      for (let word = 0; word < words; word++) {
        const before = state[word] ?? 0
        state[word] = ((before << 1) | carry) & (mask[word] ?? 0)
        carry = before >>> (BITS_PER_WORD - 1)
      }
      index += code > 0xffff ? 2 : 1
      if (((state[lastWord] ?? 0) & lastBit) !== 0 && mayEnd(text, index)) return index
    }
    return -1
  }
}

function setBit(words: Int32Array, position: number): void {
  const word = Math.floor(position / BITS_PER_WORD)
  words[word] = (words[word] ?? 0) | (1 << (position % BITS_PER_WORD))
}
