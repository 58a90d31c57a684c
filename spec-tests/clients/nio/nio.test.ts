import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requireOrSkip } from '../../support/require-or-skip.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

/** Debian installs it for its own Python. */
const PYTHON = '/usr/bin/python3'
/** Ends the script before the test gives up on it. */
const LIMIT_MS = 50_000
const STORY = join(import.meta.dirname, 'story.py')

/** What the script prints, one line a step. */
const STEPS = [
  'registers',
  'logs_in',
  'creates_a_room_and_invites',
  'creates_a_space',
  'talks',
  'edits',
  'reacts',
  'replies_in_a_thread',
  'searches',
  'reads',
  'types',
  'tells_presence',
  'changes_its_profile',
  'pages_back',
  'redacts',
  'filters',
  'leaves',
]

const installed = spawnSync(PYTHON, ['-c', 'import nio']).status === 0

describe.skipIf(requireOrSkip('python3-matrix-nio (apt-get install python3-matrix-nio)', installed))(
  'nio',
  () => {
    let server: TestServer

    beforeAll(async () => {
      server = await startTestServer()
    })

    afterAll(() => server.close())

    test('lives through every step of the story', async () => {
      const { stdout } = await promisify(execFile)(PYTHON, [STORY, server.url], { timeout: LIMIT_MS })
      expect(stdout.trim().split('\n')).toEqual(STEPS)
    })
  },
)
