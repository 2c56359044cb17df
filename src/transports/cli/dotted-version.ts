/** Whether a dotted version is at least another; suffixes (`3.3a`, `1.0.0-rc`) count as their number. */
export function isVersionAtLeast(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map(each => each.split('.').map(part => Number.parseInt(part, 10) || 0))
  for (let i = 0; i < Math.max(have!.length, want!.length); i++) {
    const difference = (have![i] ?? 0) - (want![i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}
