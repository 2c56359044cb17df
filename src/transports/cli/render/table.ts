import { lines, Said, say, type Value } from '../../../bus/say.ts'
import { padded, shortened, widthOf } from '../../../bus/width.ts'
import type { Look, Style } from './look.ts'
import { inRows } from './rows.ts'

export interface Column<Row> {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Gives way first where the terminal is too narrow. */
  readonly isElastic?: boolean
  /** Gives way next, the lowest first: it is left out. What has none is always shown. */
  readonly leavesAt?: number
  value(row: Row): Value | undefined
  style?(row: Row): Style | undefined
}

interface Filled<Row> {
  readonly column: Column<Row>
  readonly cells: readonly string[]
  readonly width: number
}

const GAP = '  '
/** An elastic column does not get narrower than this: a few characters say less than none. */
const MIN_ELASTIC = 12

/**
 * Aligned columns under their titles; columns in which no row has anything are left out. Where the terminal is too narrow,
 * elastic columns are shortened, then columns are left out and named beneath, then each row goes on further in.
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], look: Look): Said {
  const filled = columns
    .map(column => {
      const cells = rows.map(row => say`${column.value(row) ?? ''}`.text)
      return { column, cells, width: Math.max(widthOf(column.title), ...cells.map(widthOf)) }
    })
    .filter(({ cells }) => cells.some(cell => cell !== ''))
  const kept = keptOf(filled, look.columns)
  const left = filled.filter(each => !kept.includes(each)).map(({ column }) => column.title)
  const drawn = lines(...drawnRows(rows, kept, look))
  return left.length === 0 ? drawn : lines(drawn, look.paint('dim', say`No room for ${left}.`))
}

function drawnRows<Row>(rows: readonly Row[], kept: readonly Filled<Row>[], look: Look): Said[] {
  const available = look.columns ?? Number.POSITIVE_INFINITY
  const isAligned = narrowest(kept) <= available
  const widths = isAligned ? fitted(kept, available) : undefined
  const line = (cellOf: (each: Filled<Row>) => string, styleOf: (each: Filled<Row>) => Style | undefined) => {
    const cells = kept.flatMap((each, i) => {
      const cell = cellOf(each)
      if (widths === undefined && cell === '') return []
      // What is a part of quoted text is quoted.
      const text = Said.trusted(
        widths === undefined
          ? cell
          : padded(shortened(cell, widths[i]!), i === kept.length - 1 ? 0 : widths[i]!, each.column.align),
      )
      const style = styleOf(each)
      return style === undefined || text.text.trim() === '' ? text : look.paint(style, text)
    })
    return inRows(Said.trusted(cells.join(GAP).trimEnd()), look)
  }
  const titles = line(
    ({ column }) => column.title,
    () => 'dim',
  )
  return [
    titles,
    ...rows.map((row, r) =>
      line(
        ({ cells }) => cells[r]!,
        ({ column }) => column.style?.(row),
      ),
    ),
  ]
}

function keptOf<Row>(filled: readonly Filled<Row>[], available = Number.POSITIVE_INFINITY): readonly Filled<Row>[] {
  if (narrowest(filled) <= available) return filled
  const [first] = filled
    .filter(({ column }) => column.leavesAt !== undefined)
    .sort((a, b) => a.column.leavesAt! - b.column.leavesAt!)
  return first === undefined
    ? filled
    : keptOf(
        filled.filter(each => each !== first),
        available,
      )
}

/** How narrow these columns can be. */
function narrowest<Row>(filled: readonly Filled<Row>[]): number {
  return sumOf(filled.map(({ column, width }) => (column.isElastic ? Math.min(width, MIN_ELASTIC) : width)))
}

function sumOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, GAP.length * Math.max(0, widths.length - 1))
}

function fitted<Row>(filled: readonly Filled<Row>[], available: number): number[] {
  const widths = filled.map(({ width }) => width)
  let excess = sumOf(widths) - available
  while (excess > 0) {
    const widest = filled
      .map(({ column }, i) => ({ i, isElastic: column.isElastic === true, width: widths[i]! }))
      .filter(({ isElastic, width }) => isElastic && width > MIN_ELASTIC)
      .sort((a, b) => b.width - a.width)[0]
    if (widest === undefined) break
    const cut = Math.min(excess, widest.width - MIN_ELASTIC)
    widths[widest.i] = widest.width - cut
    excess -= cut
  }
  return widths
}
