// The number of a workgroup whose grid was split in two dimensions (dispatchGrid in src/compute/webgpu/work.ts).
fn workgroupIndex(workgroup: vec3u, workgroups: vec3u) -> u32 {
  return workgroup.y * workgroups.x + workgroup.x;
}
