import { onOneLine, visible } from '../../bus/visible.ts'

/** Fields that hold whole texts or data of somebody's; all others are on one line. */
const BODIES = new Set(['text', 'value', 'data'])

/**
 * A result's data as a model may see it: Claude Code shows its model the JSON of `structuredContent` in place of the
 * text. JSON keeps the values apart, and what could hide in one or open an element is gone. Programs that need every
 * character read over HTTP.
 */
export function structured(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return fields(value, onOneLine)
}

type Show = (text: string) => string

function fields(value: object, show: Show): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [onOneLine(name), shown(each, BODIES.has(name) ? visible : show)]),
  )
}

function shown(value: unknown, show: Show): unknown {
  if (typeof value === 'string') return show(value)
  if (Array.isArray(value)) return value.map(each => shown(each, show))
  return typeof value === 'object' && value !== null ? fields(value, show) : value
}
