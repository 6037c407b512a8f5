/** Freezes a value made of plain objects and arrays, all the way down. What is undefined is left out. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const [key, inner] of Object.entries(value)) {
      if (inner === undefined) delete value[key as keyof T];
      else deepFreeze(inner);
    }
    Object.freeze(value);
  }
  return value;
}
