import { Said } from '../../../bus/say.ts'
import type { Look } from './look.ts'
import { widthOf } from './width.ts'

/**
 * A text in which others' words stand, as rows of a terminal. What is wider than the terminal would go on at the beginning
 * of the next row, where those words could pass for a line of ours: here it goes on further in.
 */
export function inRows(text: Said, { columns }: Pick<Look, 'columns'>): Said {
  if (columns === undefined) return text
  return Said.trusted(
    text.text
      .split('\n')
      .map(line => row(line, columns))
      .join('\n'),
  )
}

function row(line: string, columns: number): string {
  if (widthOf(line.replace(COLOURS, '')) <= columns) return line
  const indent = ' '.repeat(Math.min(INDENT, Math.floor(columns / 4)))
  let rows = ''
  let used = 0
  for (const [part = ''] of line.matchAll(PARTS)) {
    const cells = part.startsWith('\u001b') ? 0 : widthOf(part)
    if (used + cells > columns && used > indent.length) {
      rows += `\n${indent}`
      used = indent.length
    }
    rows += part
    used += cells
  }
  return rows
}

/** Further than what is indented by us. */
const INDENT = 6

/** What `paint` writes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const COLOURS = /\u001b\[[\d;]*m/g

/** Colours, and each character with the marks upon it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const PARTS = /\u001b\[[\d;]*m|[^\p{M}]\p{M}*|\p{M}+/gsu
