/** Each call is a subscription of its own, even of the same function. Returns the way to stop it. */
export function subscribe<T>(listeners: Set<(value: T) => void>, listener: (value: T) => void): () => void {
  const own = (value: T) => listener(value)
  listeners.add(own)
  return () => listeners.delete(own)
}
