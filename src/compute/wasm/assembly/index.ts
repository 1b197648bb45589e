// The CPU kernels. Nothing here allocates: the caller lays out the memory from `arena` on.
export { unpackCalls, unpackDosages } from "./unpack";
export { addRemainders, quantiseRows } from "./dosages";
export { estimateTile } from "./dot";
export { screenDots } from "./dotScreen";
export { dotTileF64 } from "./dot64";
export { gramTile } from "./gram";
export { listCarriers64, makePanel64, dotCarriers64 } from "./sparse64";
export { powersOf10 } from "./elementary";
export { testPairs } from "./tests";
export { countCalls, listCalls } from "./lists";
export { liftPanel, screenCarriers1, screenCarriers2, screenCarriers4 } from "./carriers";
export { screenPair1, screenPair2 } from "./carrierPairs";
export { dotOne64, dotCalls64, dotRowsOfCalls64 } from "./one64";
export { permuteColumns, projectFour } from "./permute";
export { quantiseColumns } from "./quantise";
export { spreadTerms, residualise, orthonormalise, restOf, weigh, multiplyEach, inOrder, squaredError, termDots } from "./robust";
export { tridiagonalise } from "./tridiagonal";
export { select, raise } from "./epilogue";

/** The first byte that the caller may use. */
export function arena(): usize {
  return __heap_base;
}
