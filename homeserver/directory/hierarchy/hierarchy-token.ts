import { MatrixError } from '../../../protocol/errors/matrix-error.ts'

/** Where a page of a space begins, and how its walk goes. */
export interface HierarchyToken {
  /** Names the walk that is kept in memory. */
  readonly walk: string
  /** Rooms of the pages before; with it the walk can be done again. */
  readonly shown: number
  readonly suggestedOnly: boolean
  readonly maxDepth: number
}

const TOKEN = /^h(?<walk>[\w-]{1,32})\.(?<shown>\d{1,9})\.(?<suggested>[01])\.(?<depth>\d{1,9})$/

export function hierarchyToken({ walk, shown, suggestedOnly, maxDepth }: HierarchyToken): string {
  return `h${walk}.${shown}.${Number(suggestedOnly)}.${maxDepth}`
}

/** @throws MatrixError 400 M_INVALID_PARAM for what is no token of this server. */
export function parseHierarchyToken(text: string): HierarchyToken {
  const groups = TOKEN.exec(text)?.groups
  if (!groups) throw new MatrixError(400, 'M_INVALID_PARAM', '`from` is no token of this server')
  return {
    walk: groups['walk']!,
    shown: Number(groups['shown']),
    suggestedOnly: groups['suggested'] === '1',
    maxDepth: Number(groups['depth']),
  }
}
