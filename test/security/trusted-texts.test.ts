import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .map(file => ({ file, text: readFileSync(join(ROOT, 'src', file), 'utf8') }))

const filesWith = (pattern: RegExp) =>
  SOURCES.filter(({ text }) => pattern.test(text))
    .map(({ file }) => file.replaceAll('\\', '/'))
    .sort()

/** Who takes a text for safe without having it quoted by `say`, and why that is right. A new one has to be added here. */
const TRUSTED = {
  'bus/say.ts': 'quotes',
  'home/toml.ts': 'a line of the file behind its number, further in, and the blanks before a mark',
  'operations/texts.ts': 'messages in their fence',
  'transports/cli/commands/completion.ts': 'scripts of this program',
  'transports/cli/commands/doctor.ts': 'blanks behind the name of a check',
  'transports/cli/commands/start.ts': 'blanks',
  'transports/cli/commands/status.ts': 'blanks behind the name of a row',
  'transports/cli/errors.ts': 'texts of a BusError, whose types say that they are safe',
  'transports/cli/program.ts': 'the help of this program’s commands',
  'transports/cli/render/events.ts': 'one line of somebody’s at the end of a line, behind two blanks',
  'transports/cli/render/look.ts': 'colours around what was safe before',
  'transports/cli/render/rows.ts': 'ends of rows and blanks within what was safe before',
  'transports/cli/render/spoken.ts': 'names of ours within what was safe before',
  'transports/cli/render/table.ts': 'parts of quoted cells, and blanks',
  'transports/cli/usage.ts': 'an option of this program with its placeholder',
}

it('a text is taken for safe only where somebody has said why', () => {
  expect(filesWith(/Said\.trusted\(/)).toEqual(Object.keys(TRUSTED).sort())
})

it('the command line prints by its sink alone, which takes no other text', () => {
  const printing = filesWith(/\bconsole\.|process\.std(?:out|err)\.write/).filter(file =>
    file.startsWith('transports/cli/'),
  )
  expect(printing).toEqual([])
})
