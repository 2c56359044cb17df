import { Said } from '../../../bus/say.ts'
import { widthOf } from '../../../bus/width.ts'
import type { Look } from './look.ts'

/**
 * A text in which others' words stand, as rows of a terminal. What is wider than the terminal would go on at the beginning
 * of the next row, where those words could pass for a line of ours: here it goes on further in, with a whole word where
 * there is room for it.
 */
export function inRows(text: Said, { columns }: Pick<Look, 'columns'>): Said {
  if (columns === undefined) return text
  return Said.trusted(
    text.text
      .split('\n')
      .map(line => rowsOf(line, columns))
      .join('\n'),
  )
}

function rowsOf(line: string, columns: number): string {
  if (widthOf(line.replace(COLOURS, '')) <= columns) return line
  const indent = ' '.repeat(Math.min(INDENT, Math.floor(columns / 4)))
  const rows: string[] = []
  let row = ''
  let used = 0
  /** The last blank between two words of this row: where it stands, and how many cells come before it. */
  let gap: { readonly at: number; readonly used: number } | undefined
  const breakRow = () => {
    rows.push(row.slice(0, gap?.at).trimEnd())
    const rest = gap === undefined ? '' : row.slice(gap.at + 1)
    used = indent.length + (gap === undefined ? 0 : used - gap.used - 1)
    row = indent + rest
    gap = undefined
  }
  for (const [part = ''] of line.matchAll(PARTS)) {
    const cells = part.startsWith('\u001b') ? 0 : widthOf(part)
    while (used + cells > columns && used > indent.length) breakRow()
    if (part === ' ') {
      // The blanks at which it breaks.
      if (rows.length > 0 && row === indent) continue
      // One further to the left would leave no more room in the next row than there is in this one.
      if (used >= indent.length && row.trim() !== '') gap = { at: row.length, used }
    }
    row += part
    used += cells
  }
  return [...rows, row].join('\n')
}

/** Further than what is indented by us. */
const INDENT = 6

/** What `paint` writes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const COLOURS = /\u001b\[[\d;]*m/g

/** Colours, and each character with the marks upon it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const PARTS = /\u001b\[[\d;]*m|[^\p{M}]\p{M}*|\p{M}+/gsu
