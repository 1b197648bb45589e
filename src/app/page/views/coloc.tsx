export default function View() {
  return <p class="empty">Not built yet.</p>;
}
