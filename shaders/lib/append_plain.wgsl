// Where an invocation's `count` entries go in `found`: one addition to its counter a workgroup (none, where nothing was
// found). Every invocation of the workgroup must call it.
var<workgroup> foundHere: atomic<u32>;
var<workgroup> foundBefore: u32;

fn placeOf(count: u32, local: u32) -> u32 {
  var before = 0u;
  if (count > 0u) {
    before = atomicAdd(&foundHere, count);
  }
  workgroupBarrier();
  if (local == 0u) {
    let total = atomicLoad(&foundHere);
    if (total > 0u) {
      foundBefore = atomicAdd(&found.count, total);
    }
  }
  return workgroupUniformLoad(&foundBefore) + before;
}
