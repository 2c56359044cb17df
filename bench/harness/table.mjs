const HEADS = ['number', 'value', 'floor', 'ratio', 'target', '']

/** The rows as a Markdown table whose columns also line up on a terminal. */
export function table(rows) {
  const lines = [HEADS, ...rows.map(cells)]
  const widths = HEADS.map((_, i) => Math.max(...lines.map(line => line[i].length)))
  const pad = (text, i) => (i === 1 || i === 3 ? text.padStart(widths[i]) : text.padEnd(widths[i]))
  const print = line => `| ${line.map(pad).join(' | ')} |`
  const rule = widths.map((width, i) => (i === 1 || i === 3 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [print(HEADS), `| ${rule.join(' | ')} |`, ...lines.slice(1).map(print)].join('\n')
}

function cells({ name, unit, value, floor, ratio, target, isMet, failure }) {
  if (failure !== undefined) return [name, 'failed', failure, '', '', '']
  return [
    name,
    `${shown(value)} ${unit}`.trim(),
    floor === undefined ? '' : `${shown(floor.value)} (${floor.what})`,
    ratio === undefined ? '' : ratio.toFixed(2),
    target ?? '',
    isMet === undefined ? '' : isMet ? 'met' : 'MISSED',
  ]
}

function shown(number) {
  if (number >= 1000) return Math.round(number).toLocaleString('en-US')
  return number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(3)
}
