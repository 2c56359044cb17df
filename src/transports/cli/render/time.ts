import { duration } from '../../../bus/duration.ts'
import { type Said, say } from '../../../bus/say.ts'

/** "3 min ago" */
export function ago(at: string, now: number): Said {
  return say`${duration(Math.max(0, now - Date.parse(at)) / 1000)} ago`
}

/** The time of day where that says when, else the date and the minute; local time, as on the reader's clock. */
export function clock(at: string, now: number): Said {
  const date = new Date(at)
  const minute = `${two(date.getHours())}:${two(date.getMinutes())}`
  if (date.toDateString() === new Date(now).toDateString()) return say`${minute}:${two(date.getSeconds())}`
  return say`${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${minute}`
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}
