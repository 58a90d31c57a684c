import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { RoomVersionId } from '../../protocol/room-versions/rules.ts'
import { joiningRegion } from '../../spec-tests/joins/joining-region.ts'
import { measureJoin, type JoinResult } from './measure-join.ts'

const USAGE = `node bench/joins/main.ts [options]
  --members N     members of the room that is joined (default 50000)
  --versions LIST room versions (default 10,12)
  --whole         the resident does not leave out members
  --json FILE     write the figures there as JSON
  --help          this text`

const { values } = parseArgs({
  options: {
    members: { type: 'string', default: '50000' },
    versions: { type: 'string', default: '10,12' },
    whole: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(USAGE)
else await bench()

async function bench(): Promise<void> {
  const results: JoinResult[] = []
  for (const version of values.versions.split(',')) {
    // A server of its own for each, so that the peak of memory is that of one join.
    const joining = await joiningRegion(true)
    try {
      joining.resident.omitsMembers = !values.whole
      const result = await measureJoin(joining, version as RoomVersionId, Number(values.members))
      console.log(JSON.stringify(result))
      results.push(result)
    } finally {
      await joining.close()
    }
  }
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify(results, undefined, 2) + '\n')
}
