/** One kind of sync that is measured. */
export interface SyncCase {
  readonly name: string
  readonly title: string
  /** Of a request without `timeout`. */
  readonly query: Readonly<Record<string, string>>
  /** Whether it starts from the seed's token. */
  readonly catchesUp?: boolean
}

function filter(limit: number, lazy: boolean): string {
  return JSON.stringify({ room: { timeline: { limit }, state: { lazy_load_members: lazy } } })
}

/** The published kinds, and catching up after a long time away. */
export const CASES: readonly SyncCase[] = [
  { name: 'lazy-1', title: 'initial, lazy members, timeline 1', query: { filter: filter(1, true) } },
  { name: 'lazy-5', title: 'initial, lazy members, timeline 5', query: { filter: filter(5, true) } },
  { name: 'lazy-20', title: 'initial, lazy members, timeline 20', query: { filter: filter(20, true) } },
  { name: 'full-10', title: 'initial, all members, timeline 10', query: { filter: filter(10, false) } },
  {
    name: 'catch-up-20',
    title: 'all rooms changed since, lazy members, timeline 20',
    query: { filter: filter(20, true) },
    catchesUp: true,
  },
]

/** @throws Error for a name that no case has. */
export function casesNamed(list: string): SyncCase[] {
  if (list === 'all') return [...CASES]
  return list.split(',').map((name) => {
    const found = CASES.find((one) => one.name === name)
    if (!found) throw new Error(`no case is called ${name}`)
    return found
  })
}
