enable subgroups;

// Where an invocation's `count` entries go in `found`: a prefix sum in each subgroup, one addition to the workgroup's
// counter a subgroup, and one to that of `found` a workgroup (none, where nothing was found). Every invocation of the
// workgroup must call it.
var<workgroup> foundHere: atomic<u32>;
var<workgroup> foundBefore: u32;

fn placeOf(count: u32, local: u32) -> u32 {
  let before = subgroupExclusiveAdd(count);
  let together = subgroupAdd(count);
  let speaks = subgroupElect();
  var start = 0u;
  if (speaks && together > 0u) {
    start = atomicAdd(&foundHere, together);
  }
  start = subgroupBroadcastFirst(start);
  workgroupBarrier();
  if (local == 0u) {
    let total = atomicLoad(&foundHere);
    if (total > 0u) {
      foundBefore = atomicAdd(&found.count, total);
    }
  }
  return workgroupUniformLoad(&foundBefore) + start + before;
}
