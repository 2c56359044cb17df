import { type Said, say } from './say.ts'

/** `30 min`, `2 h`: one unit says enough. */
export function duration(seconds: number): Said {
  const size = Math.abs(seconds)
  if (size < 90) return say`${Math.round(size)} s`
  if (size < 90 * 60) return say`${Math.round(size / 60)} min`
  if (size < 36 * 3600) return say`${Math.round(size / 3600)} h`
  return say`${Math.round(size / 86_400)} d`
}
