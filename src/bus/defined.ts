/** The same object without the fields that are undefined: on the wire and in the store, optional means absent. */
export function defined<const T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>
}

export type Defined<T> = Flat<
  { [K in keyof T as MayLack<T[K]> extends true ? never : K]: T[K] } & {
    [K in keyof T as MayLack<T[K]> extends true ? K : never]?: Exclude<T[K], undefined>
  }
>
/** `unknown` stays as it is: it can not be told from what it holds. */
type MayLack<V> = unknown extends V ? false : undefined extends V ? true : false
type Flat<T> = { [K in keyof T]: T[K] }
