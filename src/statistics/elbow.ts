/**
 * The index of the point that lies farthest from the straight line between the first and the last one, both axes scaled
 * to the range from one end to the other: where a curve bends most (as "kneedle", Satopaa and others 2011). The first
 * of those equally far; 0 where the curve is flat or has fewer than three points. `x` ascends.
 */
export function elbowOf(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const last = x.length - 1;
  const width = x[last]! - x[0]!;
  const height = y[last]! - y[0]!;
  if (last < 2 || !(width > 0) || height === 0) return 0;
  let elbow = 0;
  let farthest = 0;
  for (let i = 1; i < last; i++) {
    // Above the line where the curve rises fast and then slowly, and where it falls fast and then slowly.
    const distance = (y[i]! - y[0]!) / height - (x[i]! - x[0]!) / width;
    if (distance <= farthest) continue;
    farthest = distance;
    elbow = i;
  }
  return elbow;
}
