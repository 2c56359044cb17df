/**
 * `{a,b}` in a path: alternatives, which may nest. A brace without its partner, and a pair without a comma, are plain
 * characters. Written here because libraries for it take 0.2 s for 1,024 characters of `{a}`, make numbers of `{1..9}`
 * and nothing at all of `{,}`; this reads the text once.
 */
export function hasBraces(path: string): boolean {
  return path.includes('{') && rolesOf(path).some(role => role === 'open')
}

/** How many paths the braces stand for, counted without making them. */
export function countAlternatives(path: string): number {
  if (!path.includes('{')) return 1
  const roles = rolesOf(path)
  const sums: number[] = []
  const products = [1]
  for (const role of roles) {
    if (role === 'open') {
      sums.push(0)
      products.push(1)
    } else if (role === 'comma') {
      sums.push(sums.pop()! + products.pop()!)
      products.push(1)
    } else if (role === 'close') {
      const sum = sums.pop()! + products.pop()!
      products.push(products.pop()! * sum)
    }
  }
  // Infinity where there are more than a number can say.
  return products[0]!
}

/** Whether one of those paths is empty, as in `{,a}`; told by how short the shortest can be. */
export function hasEmptyAlternative(path: string): boolean {
  const roles = rolesOf(path)
  const shortest: number[] = []
  let chars = 0
  const before: number[] = []
  for (const role of roles) {
    if (role === undefined) chars++
    else if (role === 'open') {
      before.push(chars)
      shortest.push(Number.POSITIVE_INFINITY)
      chars = 0
    } else {
      shortest.push(Math.min(shortest.pop()!, chars))
      chars = role === 'close' ? before.pop()! + shortest.pop()! : 0
    }
  }
  return chars === 0
}

/** The paths that the braces stand for. To be asked only where `countAlternatives` has said that they are few. */
export function alternativesOf(path: string): string[] {
  if (!path.includes('{')) return [path]
  const roles = rolesOf(path)
  let at = 0
  /** Up to the comma or brace that ends the part. */
  const part = (): string[] => {
    let found = ['']
    let plain = ''
    for (; at < path.length && roles[at] !== 'comma' && roles[at] !== 'close'; at++) {
      if (roles[at] === undefined) {
        plain += path[at]
        continue
      }
      const inner: string[] = []
      do {
        at++
        inner.push(...part())
      } while (roles[at] === 'comma')
      found = found.flatMap(before => inner.map(text => before + plain + text))
      plain = ''
    }
    return found.map(before => before + plain)
  }
  return part()
}

type Role = 'open' | 'comma' | 'close'

/** Which characters are braces and commas that mean alternatives, by their place. */
function rolesOf(path: string): (Role | undefined)[] {
  const roles: (Role | undefined)[] = Array.from({ length: path.length })
  const open: { at: number; commas: number[] }[] = []
  for (let at = 0; at < path.length; at++) {
    const char = path[at]
    if (char === '{') open.push({ at, commas: [] })
    else if (char === ',') open.at(-1)?.commas.push(at)
    else if (char === '}') {
      const group = open.pop()
      if (group === undefined || group.commas.length === 0) continue
      roles[group.at] = 'open'
      roles[at] = 'close'
      for (const comma of group.commas) roles[comma] = 'comma'
    }
  }
  return roles
}
