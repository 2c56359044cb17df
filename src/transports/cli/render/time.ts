import { type Said, say } from '../../../bus/say.ts'

/** "3 min ago", "in 2 h": one unit says enough. */
export function duration(seconds: number): Said {
  const size = Math.abs(seconds)
  if (size < 90) return say`${Math.round(size)} s`
  if (size < 90 * 60) return say`${Math.round(size / 60)} min`
  if (size < 36 * 3600) return say`${Math.round(size / 3600)} h`
  return say`${Math.round(size / 86_400)} d`
}

export function ago(at: string, now: number): Said {
  return say`${duration(Math.max(0, now - Date.parse(at)) / 1000)} ago`
}

/** The time of day where that says when, else the date too; local time, as on the reader's clock. */
export function clock(at: string, now: number): Said {
  const date = new Date(at)
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  const isToday = date.toDateString() === new Date(now).toDateString()
  return isToday ? say`${time}` : say`${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}
