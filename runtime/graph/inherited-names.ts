/**
 * Whether every object of JavaScript has something under a name: "constructor", "toString", "__proto__". What is kept by name
 * (watermarks by stage, resources by the job's names for them) would find that instead.
 */
export function isInherited(name: string): boolean {
  return name in Object.prototype;
}
