import { writeFileSync } from 'node:fs'
import { PAGE_FILE, tableSources } from './conformance-page.ts'
import { readRecording } from './recording.ts'
import { conformanceTable, unexplained } from './table.ts'
import { TESTED_BY_FILE, testedByText } from './tested-by.ts'

const sources = tableSources(readRecording())
writeFileSync(TESTED_BY_FILE, testedByText(sources.testedBy))
writeFileSync(PAGE_FILE, conformanceTable(sources))

const missing = unexplained(sources)
if (missing.length > 0) {
  process.stderr.write(
    `spec-tests/conformance/reasons.ts must say why these are not implemented: ${missing.join(', ')}\n`,
  )
  process.exitCode = 1
}
