import { lines, Said, say, type Value } from '../../../bus/say.ts'
import type { Look, Style } from './look.ts'
import { padded, shortened, widthOf } from './width.ts'

export interface Column<Row> {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Gives way first where the terminal is too narrow. */
  readonly isElastic?: boolean
  value(row: Row): Value | undefined
  style?(row: Row): Style | undefined
}

const GAP = '  '
/** An elastic column does not get narrower than this: a few characters say less than a broken line. */
const MIN_ELASTIC = 12

/** Aligned columns under their titles; columns in which no row has anything are left out. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], look: Look): Said {
  const filled = columns
    .map(column => ({ column, cells: rows.map(row => say`${column.value(row) ?? ''}`.text) }))
    .filter(({ cells }) => cells.some(cell => cell !== ''))
  const widths = fitted(
    filled.map(({ column, cells }) => ({
      width: Math.max(widthOf(column.title), ...cells.map(widthOf)),
      isElastic: column.isElastic === true,
    })),
    look.columns,
  )
  const line = (cellOf: (index: number) => string, styleOf: (index: number) => Style | undefined) => {
    const cells = filled.map(({ column }, i) => {
      const width = widths[i]!
      // What is a part of quoted text is quoted.
      const text = Said.trusted(padded(shortened(cellOf(i), width), i === filled.length - 1 ? 0 : width, column.align))
      const style = styleOf(i)
      return style === undefined || text.text.trim() === '' ? text : look.paint(style, text)
    })
    return Said.trusted(cells.join(GAP).trimEnd())
  }
  return lines(
    line(
      i => filled[i]!.column.title,
      () => 'dim',
    ),
    ...rows.map((row, r) =>
      line(
        i => filled[i]!.cells[r]!,
        i => filled[i]!.column.style?.(row),
      ),
    ),
  )
}

function fitted(columns: readonly { width: number; isElastic: boolean }[], available: number | undefined): number[] {
  const widths = columns.map(({ width }) => width)
  if (available === undefined) return widths
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - available
  while (excess > 0) {
    const widest = columns
      .map((column, i) => ({ i, isElastic: column.isElastic, width: widths[i]! }))
      .filter(({ isElastic, width }) => isElastic && width > MIN_ELASTIC)
      .sort((a, b) => b.width - a.width)[0]
    if (widest === undefined) break
    const cut = Math.min(excess, widest.width - MIN_ELASTIC)
    widths[widest.i] = widest.width - cut
    excess -= cut
  }
  return widths
}
