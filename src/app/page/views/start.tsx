export default function Start() {
  return <p class="empty">Not built yet.</p>;
}
